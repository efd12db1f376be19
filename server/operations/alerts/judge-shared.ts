import type { AlertName, Finding } from './alert.ts';
import type { AlertLimits, ChampionFacts, FeedFacts, RunFacts, SharedFacts, SlotFacts } from './facts.ts';

/** Jobs whose last run tells of a failure, and which alert it is. */
export const RUN_ALERTS = {
  retrain: 'retraining_failed',
  score: 'scoring_failed',
  backup: 'backup_failed',
} as const satisfies Record<string, AlertName>;

/** A feed that is to be polled, how often, and since when. */
export interface ExpectedFeed {
  readonly feed: string;
  readonly intervalMs: number;
  /** The start of the server: one that was off until now is not to blame for it. */
  readonly sinceMs: number;
}

const GIB = 1024 ** 3;
const HOUR_MS = 3_600_000;

/** Judges what lies in Postgres; pure. */
export function judgeShared(
  { slots, feeds, runs, champions }: SharedFacts,
  expected: readonly ExpectedFeed[],
  limits: AlertLimits,
  nowMs: number,
): Finding[] {
  return [
    ...slots.map((slot) => judgeSlot(slot, limits)),
    ...expected.map((one) =>
      judgeFeed(
        one,
        feeds.find(({ feed }) => feed === one.feed),
        limits,
        nowMs,
      ),
    ),
    ...runs.flatMap((run) => judgeRun(run)),
    judgeFallBacks(champions),
    judgeChampions(champions, limits, nowMs),
  ];
}

function judgeSlot(slot: SlotFacts, limits: AlertLimits): Finding {
  const { name, walStatus, active } = slot;
  const share = usedShare(slot, limits);
  const isBad = walStatus === 'lost' || walStatus === 'unreserved' || share >= limits.slotBadShare;
  const verdict = isBad ? 'bad' : share <= limits.slotGoodShare ? 'good' : 'unsure';
  const kept = slot.retainedBytes === null ? 'none' : `${(slot.retainedBytes / GIB).toFixed(2)} GiB`;
  const limit =
    slot.limitBytes === null ? 'no limit' : `a limit of ${(slot.limitBytes / GIB).toFixed(2)} GiB`;
  const what = `The slot ${name} (${active ? 'in use' : 'nobody reads it'}, ${walStatus ?? 'unknown'}) holds ${kept} of WAL, with ${limit}.`;
  return { name: 'slot_near_limit', subject: name, verdict, what };
}

/** By what Postgres says is left: it counts whole segments, and what it keeps for other reasons. */
function usedShare({ retainedBytes, safeBytes, limitBytes }: SlotFacts, limits: AlertLimits): number {
  if (limitBytes === null) return (retainedBytes ?? 0) / limits.slotFallbackBytes;
  if (limitBytes === 0) return retainedBytes === null ? 1 : 0;
  return safeBytes === null ? 0 : 1 - safeBytes / limitBytes;
}

function judgeFeed(
  { feed, intervalMs, sinceMs }: ExpectedFeed,
  facts: FeedFacts | undefined,
  limits: AlertLimits,
  nowMs: number,
): Finding {
  const goodMs = facts?.lastGoodAt?.getTime();
  const patienceMs = Math.max(limits.feedSilentMs, limits.feedIntervals * intervalMs);
  // A server that was down for long first polls, and then is judged.
  const isBad = nowMs - Math.max(goodMs ?? 0, sinceMs) > patienceMs;
  const last = goodMs === undefined ? 'It never gave anything' : `It last gave something at ${iso(goodMs)}`;
  const reason = facts?.lastReason ?? null;
  const what = `${last}${reason === null ? '' : `; the last poll came to ${reason}`}.`;
  const since = goodMs === undefined ? {} : { since: new Date(goodMs) };
  return { name: 'feed_silent', subject: feed, verdict: isBad ? 'bad' : 'good', what, ...since };
}

function judgeRun({ job, state, finishedAt, errorCode, lastSucceededAt }: RunFacts): Finding[] {
  if (!(job in RUN_ALERTS)) return [];
  const name = RUN_ALERTS[job as keyof typeof RUN_ALERTS];
  const last =
    lastSucceededAt === null
      ? 'none went well before'
      : `the last good one was at ${iso(lastSucceededAt.getTime())}`;
  const what = `The run of ${job} at ${iso(finishedAt.getTime())} ${state} (${errorCode ?? 'no code'}); ${last}.`;
  return [{ name, subject: job, verdict: state === 'succeeded' ? 'good' : 'bad', what, since: finishedAt }];
}

function judgeFallBacks({ fallenBack }: ChampionFacts): Finding {
  const what = `In ${fallenBack} series the model could not be used, and the one before it speaks, or the baseline.`;
  return { name: 'model_unusable', subject: 'forecasts', verdict: fallenBack > 0 ? 'bad' : 'good', what };
}

function judgeChampions(
  { trained, oldestCutOff }: ChampionFacts,
  limits: AlertLimits,
  nowMs: number,
): Finding {
  const ageMs = oldestCutOff === null ? 0 : nowMs - oldestCutOff.getTime();
  const what = `Of ${trained} trained models in use the oldest has learnt nothing for ${Math.floor(ageMs / (24 * HOUR_MS))} days.`;
  const verdict = ageMs > limits.championMs ? 'bad' : 'good';
  return { name: 'champion_kept_long', subject: 'forecasts', verdict, what };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
