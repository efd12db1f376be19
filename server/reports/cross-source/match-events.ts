import type { Pool } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';
import { associate, decide, MATCH_WINDOW_MS } from './association.ts';
import type { Pairing, Verdict } from './association.ts';
import * as store from './match-store.ts';
import type { StoredMatch } from './match-store.ts';

/** What came of comparing official events with what people reported. */
export interface MatchedEvents {
  readonly events: number;
  /** Pairings that are new, gone or of another state. */
  readonly changes: number;
}

/** Pairings that are written in one transaction. */
const BATCH = 200;

/**
 * Compares the official events of areas that happened in a time with the incidents that people reported there, and writes what
 * has changed. What is decided depends on the incidents alone, not on what came first; what changes while it is read is
 * compared the next time.
 */
export async function matchEvents(
  pool: Pool,
  { from, to }: { readonly from: Date; readonly to: Date },
  signal: AbortSignal,
): Promise<MatchedEvents> {
  // An event just outside may be the rival of one inside for the incident between them.
  const reach = 2 * MATCH_WINDOW_MS;
  const events = await store.readEvents(pool, {
    from: new Date(from.getTime() - reach),
    to: new Date(to.getTime() + reach),
  });
  const pairings: Pairing[] = [];
  for (const event of events) {
    if (signal.aborted) return { events: 0, changes: 0 };
    const { nearby, clutter } = await store.readSurroundings(pool, event);
    for (const [incidentId, probability] of associate(event, nearby, clutter))
      pairings.push({ officialId: event.id, incidentId, probability });
  }
  const inside = events
    .filter(({ occurredAt }) => occurredAt >= from && occurredAt <= to)
    .map(({ id }) => id);
  const incidentIds = [...new Set(pairings.map(({ incidentId }) => incidentId))];
  const rulings = await store.readRulings(
    pool,
    events.map(({ id }) => id),
    incidentIds,
  );
  const isInside = new Set(inside);
  const verdicts = decide(pairings, rulings).filter(({ officialId }) => isInside.has(officialId));
  const { gone, fresh } = compare(await store.readMatches(pool, inside), verdicts);
  const changes = [...(await store.readLapsed(pool)), ...gone].map((match) => ({
    match,
    verdict: undefined,
  }));
  // An event has one match: the former one makes room before another takes its place, though that may be in a later batch.
  const inOrder = fresh.toSorted((a, b) => Number(a.state === 'match') - Number(b.state === 'match'));
  const all = [...changes, ...inOrder.map((verdict) => ({ match: verdict, verdict }))];
  for (let at = 0; at < all.length && !signal.aborted; at += BATCH)
    await write(pool, all.slice(at, at + BATCH));
  const outdated = await store.readOutdated(pool);
  await inTransaction(pool, async (tx) => {
    await store.lockIncidents(tx, outdated);
    await store.applyMatches(tx, outdated);
  });
  return { events: inside.length, changes: all.length };
}

/** What was decided and is no more, and what is new or of another state. */
function compare(before: readonly StoredMatch[], verdicts: readonly Verdict[]) {
  const wanted = new Map(verdicts.map((verdict) => [keyOf(verdict), verdict]));
  const stated = new Map(before.map((match) => [keyOf(match), match.state]));
  return {
    gone: before.filter((match) => !match.byOfficer && !wanted.has(keyOf(match))),
    fresh: verdicts.filter((verdict) => stated.get(keyOf(verdict)) !== verdict.state),
  };
}

interface Change {
  readonly match: Pick<Verdict, 'officialId' | 'incidentId'>;
  /** Undefined where the pairing goes. */
  readonly verdict: Verdict | undefined;
}

/** Writes pairings and what they make of their incidents, under the locks of these. */
async function write(pool: Pool, changes: readonly Change[]): Promise<void> {
  const ids = [...new Set(changes.flatMap(({ match }) => [match.officialId, match.incidentId]))];
  await inTransaction(pool, async (tx) => {
    await store.lockIncidents(tx, ids);
    await store.deleteMatches(
      tx,
      changes.map(({ match }) => match),
      // An officer may have spoken since they were read.
      { rulingsToo: false },
    );
    await store.writeVerdicts(
      tx,
      changes.flatMap(({ verdict }) => (verdict === undefined ? [] : [verdict])),
    );
    await store.applyMatches(tx, ids);
  });
}

function keyOf({ officialId, incidentId }: Pick<Verdict, 'officialId' | 'incidentId'>): string {
  return `${officialId} ${incidentId}`;
}
