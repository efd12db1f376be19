import type { InstanceState } from '@halo/shapes/protocol/inspector.ts';
import type { Tone } from '../ui/chip.tsx';

const TONES: Record<InstanceState, Tone> = {
  live: 'good',
  behind: 'warn',
  silent: 'bad',
  disconnected: 'bad',
  postgres_down: 'bad',
  gone: 'idle',
};

/** How the state of an instance is to be taken. One that has gone is only worth a look where it should be there. */
export function instanceTone(state: InstanceState): Tone {
  return TONES[state];
}

/** Of several instances the tone of the one that fares worst; those that have gone do not count. */
export function worstInstance(states: readonly InstanceState[]): Tone {
  const tones = states.filter((state) => state !== 'gone').map(instanceTone);
  return (['bad', 'warn', 'good'] as const).find((tone) => tones.includes(tone)) ?? 'idle';
}
