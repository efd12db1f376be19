import type { Overview } from '@halo/shapes/protocol/inspector.ts';

const TONES: Record<Overview['verdict'], 'good' | 'warn' | 'bad'> = {
  well: 'good',
  needs_a_look: 'warn',
  devices_need_a_look: 'warn',
  replication_behind: 'warn',
  needs_action: 'bad',
  replication_down: 'bad',
};

/** How the verdict over the whole is to be taken. */
export function verdictTone(verdict: Overview['verdict']): 'good' | 'warn' | 'bad' {
  return TONES[verdict];
}
