import { Icon } from '../ui/icon.tsx';
import { verificationName } from './incident.ts';

const SURE = new Set(['verified', 'corroborated']);

/** How sure an incident is, in a word. */
export function VerificationChip({ state }: { state: string }) {
  return (
    <span className={`chip chip-${state}`}>
      {SURE.has(state) && <Icon name={state === 'verified' ? 'shield' : 'check'} size={16} />}
      {verificationName(state)}
    </span>
  );
}
