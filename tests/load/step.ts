import { Histogram } from './histogram.ts';

/** What devices count while a step lasts. */
export class Tally {
  readonly post = new Histogram();
  /** From the beginning of a transaction to a waiting device's having its answer, whole. */
  readonly delivery = new Histogram();
  /** From the first question of a wake, for one shape, to its being up to date. */
  readonly catchUp = new Histogram();
  requests = 0;
  reports = 0;
  /** Told to come again later (429, 503 with Retry-After): no fault, and no service. */
  sentAway = 0;
  /** By kind: a status, a connection that broke. */
  readonly errors = new Map<string, number>();

  fail(kind: string): void {
    this.errors.set(kind, (this.errors.get(kind) ?? 0) + 1);
  }

  get failed(): number {
    return [...this.errors.values()].reduce((sum, count) => sum + count, 0);
  }
}

/** What was measured of the machine meanwhile; NaN where it cannot be told. */
export interface Usage {
  readonly serverRssMib: number;
  /** In cores: 1 is one that is busy all the time. */
  readonly serverCores: number;
  readonly postgresCores: number;
  readonly driverCores: number;
  /** p99 of how late the event loop is, in milliseconds. */
  readonly serverLoopMs: number;
  readonly driverLoopMs: number;
}

/** One step of the ramp. */
export interface Step {
  readonly devices: number;
  /** Of them awake, on average. */
  readonly awake: number;
  readonly seconds: number;
  readonly tally: Tally;
  readonly usage: Usage;
}

export const LIMITS = {
  deliveryP99Ms: 2_000,
  postP99Ms: 2_000,
  /** Share of all requests. */
  errors: 0.001,
  /** Of devices that are told to come later, the service is not there. */
  sentAway: 0.01,
  /** Share of all cores, of server, Postgres and driver together. */
  busy: 0.97,
} as const;

/** What of the limits a step has broken, in words; none while all is well. */
export function brokenBy({ tally, usage }: Step, cores: number): string[] {
  const [post, delivery] = [tally.post.percentile(0.99), tally.delivery.percentile(0.99)];
  const busy = (usage.serverCores + usage.postgresCores + usage.driverCores) / cores;
  const share = (count: number) => (tally.requests === 0 ? 0 : count / tally.requests);
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  const percent = (part: number) => `${(part * 100).toFixed(1)} %`;
  const found: [boolean, string][] = [
    [delivery > LIMITS.deliveryP99Ms, `p99 of delivery is ${seconds(delivery)}`],
    [post > LIMITS.postP99Ms, `p99 of POST is ${seconds(post)}`],
    [share(tally.failed) > LIMITS.errors, `${percent(share(tally.failed))} of the requests failed`],
    [share(tally.sentAway) > LIMITS.sentAway, `${percent(share(tally.sentAway))} were told to come later`],
    [busy > LIMITS.busy, `${percent(busy)} of all cores are busy`],
  ];
  return found.filter(([isBroken]) => isBroken).map(([, words]) => words);
}
