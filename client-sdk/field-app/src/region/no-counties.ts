import type { HaloStatus } from '@halo/client';
import type { Texts } from '../texts/english.ts';

/** What the picker says while there are no counties to choose from; only what can still pass says that it waits. */
export function whyNoCounties(
  { network, replica }: Pick<HaloStatus, 'network' | 'replica'>,
  t: Texts,
): string {
  if (replica.state === 'unavailable') return t.regionNoReplica;
  if (network === 'offline') return t.regionOffline;
  return replica.state === 'opening' ? t.regionOpening : t.regionFetching;
}
