import type { Overview } from '@halo/shapes/protocol/inspector.ts';
import type { Tone } from '../ui/chip.tsx';

/** What is to be said of all devices at a glance: the worst state that one of them has, and `live` only where one is. */
export function devicesVerdict({ live, behind, stalled, offline }: Overview['devices']): {
  readonly tone: Tone;
  readonly state: 'stalled' | 'behind' | 'live' | 'offline' | undefined;
} {
  if (stalled > 0) return { tone: 'bad', state: 'stalled' };
  if (behind > 0) return { tone: 'accent', state: 'behind' };
  if (live > 0) return { tone: 'good', state: 'live' };
  return { tone: 'idle', state: offline > 0 ? 'offline' : undefined };
}
