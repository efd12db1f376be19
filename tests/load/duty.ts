/** How devices live, in means and probabilities. */
export interface Duty {
  readonly awakeS: number;
  readonly asleepS: number;
  /** A wake brings a report that is made while the network is there. */
  readonly reports: number;
  /** A wake brings reports that were made without network. */
  readonly queued: number;
  /** In a wake the network goes away for a moment, in the middle of whatever is under way. */
  readonly flaps: number;
}

/** What one wake will be. */
export interface Wake {
  readonly awakeMs: number;
  /** Reports that wait in the outbox. */
  readonly queued: number;
  /** When, from the wake on, a report is made; undefined for none. */
  readonly reportAtMs: number | undefined;
  readonly flapAtMs: number | undefined;
}

/** People look at a phone for half a minute, and again a minute later while something goes on; a third of them is awake. */
export const FIELD_DUTY: Duty = { awakeS: 30, asleepS: 60, reports: 0.3, queued: 0.1, flaps: 0.1 };

/** No wake is shorter: it would be over before it has asked. */
const LEAST_AWAKE_MS = 1_000;
/** An exponential time knows no end; nobody here sleeps longer than so many means. */
const MOST_MEANS = 5;
const MOST_QUEUED = 5;

/** Whether a device that is looked at at any moment is awake. */
export function isAwake({ awakeS, asleepS }: Duty, random: () => number): boolean {
  return random() < awakeS / (awakeS + asleepS);
}

export function asleepMs({ asleepS }: Duty, random: () => number): number {
  return exponential(asleepS * 1_000, random);
}

export function nextWake(duty: Duty, random: () => number): Wake {
  const awakeMs = Math.max(LEAST_AWAKE_MS, exponential(duty.awakeS * 1_000, random));
  const within = (probability: number) => (random() < probability ? random() * awakeMs : undefined);
  return {
    awakeMs,
    queued: random() < duty.queued ? 1 + Math.floor(random() * MOST_QUEUED) : 0,
    reportAtMs: within(duty.reports),
    flapAtMs: within(duty.flaps),
  };
}

function exponential(meanMs: number, random: () => number): number {
  return Math.min(MOST_MEANS * meanMs, -Math.log(1 - random()) * meanMs);
}
