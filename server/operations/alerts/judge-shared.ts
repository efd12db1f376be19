import type { AlertName, Finding } from './alert.ts';
import { FACT_PARTS } from './facts.ts';
import type { ExpectedFeed, ExpectedJob } from './expected.ts';
import { judgeFeed, judgeJob } from './judge-due.ts';
import type {
  AlertLimits,
  ChampionFacts,
  FactPart,
  RunFacts,
  SharedFacts,
  SlotFacts,
  StalledDevice,
} from './facts.ts';

/** Jobs whose last run tells of a failure, and which alert it is. */
export const RUN_ALERTS = {
  retrain: 'retraining_failed',
  score: 'scoring_failed',
  backup: 'backup_failed',
  'backup-verify': 'backup_failed',
  retention: 'retention_failed',
} as const satisfies Record<string, AlertName>;

const GIB = 1024 ** 3;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Devices that an alert names; the inspector lists them all. */
const MAX_NAMED = 5;

/** What each part says something about. */
const ALERTS_OF: Readonly<Record<FactPart, readonly AlertName[]>> = {
  slots: ['slot_near_limit'],
  feeds: ['feed_silent'],
  jobs: ['job_overdue'],
  runs: Object.values(RUN_ALERTS),
  champions: ['model_unusable', 'champion_kept_long'],
  outboxes: [],
  stalled: ['devices_stalled'],
};

/** Alerts of which nothing can be said, as what they are made of could not be read; pure. */
export function unknownAlerts(facts: SharedFacts): ReadonlySet<AlertName> {
  return new Set(FACT_PARTS.filter((part) => facts[part] === undefined).flatMap((part) => ALERTS_OF[part]));
}

/** Judges what lies in Postgres, as far as it could be read; pure. */
export function judgeShared(
  { slots, feeds, jobs, runs, champions, stalled }: SharedFacts,
  expected: { readonly feeds: readonly ExpectedFeed[]; readonly jobs: readonly ExpectedJob[] },
  limits: AlertLimits,
  nowMs: number,
): Finding[] {
  return [
    ...(slots ?? []).map((slot) => judgeSlot(slot, limits)),
    ...(feeds === undefined ? [] : expected.feeds).map((one) =>
      judgeFeed(
        one,
        feeds?.find(({ feed }) => feed === one.feed),
        limits,
        nowMs,
      ),
    ),
    ...(jobs === undefined ? [] : expected.jobs).map((one) =>
      judgeJob(
        one,
        jobs?.find(({ job }) => job === one.job),
        limits,
        nowMs,
      ),
    ),
    ...(runs ?? []).flatMap((run) => judgeRun(run)),
    ...(champions === undefined ? [] : [judgeFallBacks(champions), judgeChampions(champions, limits, nowMs)]),
    judgeStalled(stalled, nowMs),
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

/** One alert for all of them, which names the first: a night shift looks at the list, and not at a page of messages. */
function judgeStalled(stalled: readonly StalledDevice[] | undefined, nowMs: number): Finding {
  const about = { name: 'devices_stalled', subject: 'devices' } as const;
  if (stalled === undefined)
    return { ...about, verdict: 'unsure', what: 'Nothing can be said of devices yet.' };
  const named = stalled.slice(0, MAX_NAMED).map(({ id, reason, shape, sinceMs }) => {
    const minutes = Math.floor((nowMs - sinceMs) / MINUTE_MS);
    return `${id} (${reason}${shape === undefined ? '' : ` of ${shape}`}, for ${minutes} min)`;
  });
  const more = stalled.length > MAX_NAMED ? ` and ${stalled.length - MAX_NAMED} more` : '';
  const what = `Devices that ask and get no further: ${stalled.length}: ${named.join(', ')}${more}.`;
  const [first] = stalled;
  return {
    ...about,
    verdict: first === undefined ? 'good' : 'bad',
    what,
    ...(first && { since: new Date(first.sinceMs) }),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
