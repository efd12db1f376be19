import type { Overview } from '@halo/shapes/protocol/inspector.ts';
import type { Tone } from '../ui/chip.tsx';

/** How the severity of a finding or of an alert is to be taken. */
export const SEVERITY_TONES: Readonly<Record<Overview['findings'][number]['severity'], Tone>> = {
  critical: 'bad',
  warning: 'warn',
  note: 'idle',
};
