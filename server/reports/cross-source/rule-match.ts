import type { Transaction } from '../../db/pool.ts';
import { HaloError } from '../../platform/errors.ts';
import * as store from './match-store.ts';

/** An officer's word on whether an official event and an incident are one. */
export interface MatchRuling {
  readonly officialId: string;
  readonly incidentId: string;
  readonly state: 'match' | 'rejected';
  readonly officerId: string;
}

/**
 * Writes down what an officer says of an official event of an area and an incident; the machine leaves it so for ever. A match
 * takes the place of the one that either had.
 *
 * @throws HaloError `not_found` when one of them is none, or of the wrong kind
 */
export async function ruleMatch(tx: Transaction, ruling: MatchRuling): Promise<void> {
  const { officialId, incidentId, state } = ruling;
  const pair = [{ officialId, incidentId }];
  const rivalsNow = async () => (state === 'match' ? await store.rivalsOf(tx, officialId, incidentId) : []);
  const idsOf = (pairings: typeof pair) => [
    ...new Set(pairings.flatMap((one) => [one.officialId, one.incidentId])),
  ];
  await store.lockIncidents(tx, idsOf([...pair, ...(await rivalsNow())]));
  // Under the locks of the two nobody adds others; who did so meanwhile is met here.
  const rivals = await rivalsNow();
  const ids = idsOf([...pair, ...rivals]);
  await store.lockIncidents(tx, ids);
  if (!(await store.mayMatch(tx, officialId, incidentId)))
    throw new HaloError(
      'not_found',
      'There is no official event of an area and no reported incident of these ids.',
      {
        status: 404,
        hint: 'Name the official event first and the incident that people reported second.',
      },
    );
  await store.deleteMatches(tx, rivals, { rulingsToo: true });
  await store.writeRuling(tx, ruling);
  await store.applyMatches(tx, ids);
}
