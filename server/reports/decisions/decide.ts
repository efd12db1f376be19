import { DECIDERS } from '@halo/shapes/taxonomy/incident-transitions.ts';
import type { MatchAnswer } from '@halo/shapes/protocol/decisions.ts';
import { recordAct } from '../../audit/audit-log.ts';
import type { Actor } from '../../audit/audit-log.ts';
import type { Transaction } from '../../db/pool.ts';
import { retryTransient } from '../../db/retry-transient.ts';
import { inTransaction } from '../../db/transaction.ts';
import { HaloError } from '../../platform/errors.ts';
import { ruleMatch } from '../cross-source/rule-match.ts';
import { followIncident } from '../incident-view/view-store.ts';
import type { RestParts } from '../rest-parts.ts';
import { presentRole } from '../transition-store.ts';
import { readMatch } from './match-list.ts';

/**
 * Does an officer's work in one transaction, which is tried again where it got in another's way.
 *
 * @throws HaloError 403 `forbidden` when he is none at this moment, whatever his token says
 */
export function asOfficer<T>(
  { pool, logger }: Pick<RestParts, 'pool' | 'logger'>,
  userId: string,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const once = () =>
    inTransaction(pool, async (tx) => {
      const role = await presentRole(tx, userId);
      if (role === undefined || !DECIDERS.includes(role))
        throw new HaloError('forbidden', 'Only officers decide about incidents.', { status: 403 });
      return work(tx);
    });
  return retryTransient(once, logger);
}

/**
 * Writes down whether two incidents, one of which is an official event of an area, are one event.
 *
 * @throws HaloError 404 `not_found` when they are not of the two kinds
 */
export async function ruleOnPair(
  tx: Transaction,
  pair: readonly [string, string],
  state: 'match' | 'rejected',
  officer: Actor & { readonly userId: string },
): Promise<MatchAnswer> {
  const followed = [];
  for (const id of pair) followed.push((await followIncident(tx, id, 'merged only')).id);
  const [one = '', other = ''] = followed;
  const { rows } = await tx.query<{ id: string }>(
    `SELECT id FROM incidents WHERE id IN ($1, $2) AND location_precision <> 'point'`,
    [one, other],
  );
  // Where neither or both have a place, the ruling says what is wrong.
  const [officialId, incidentId] = rows[0]?.id === other ? [other, one] : [one, other];
  await ruleMatch(tx, { officialId, incidentId, state, officerId: officer.userId });
  const ruled = await readMatch(tx, officialId, incidentId);
  if (ruled === undefined) throw new Error('a ruling was written and is not there');
  await recordAct(tx, officer, {
    action: 'incident.match_ruled',
    target: { kind: 'incident', id: incidentId },
    details: { officialId, state },
  });
  return ruled;
}
