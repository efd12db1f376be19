export { useHalo } from './halo-context.ts';
export { HaloProvider } from './halo-provider.tsx';
export { useLive } from './use-live.ts';
export { useMutation } from './use-mutation.ts';
export type { Mutated, Mutating } from './use-mutation.ts';
export { useOutbox } from './use-outbox.ts';
export { useReport } from './use-report.ts';
export type { Reported, Reporting } from './use-report.ts';
export { useStatus } from './use-status.ts';
