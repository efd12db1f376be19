/** How replication fares, told apart so that "idle" and "stuck" never look the same (invariant 11). */
export const REPLICATION_STATES = ['live', 'behind', 'silent', 'disconnected', 'postgres_down'] as const;

/**
 * `live`: the log has all that Postgres had a moment ago. `behind`: it has not, and takes more all the time. `silent`:
 * the connection is there and nothing comes over it. `disconnected`: there is none, though Postgres answers.
 * `postgres_down`: it does not.
 */
export type ReplicationState = (typeof REPLICATION_STATES)[number];

export interface Lag {
  readonly state: ReplicationState;
  /** WAL that the log lacks, in bytes; undefined while Postgres does not say how much there is. */
  readonly bytes: number | undefined;
  /** How long ago the log was last known to have everything; 0 while it has. In seconds. */
  readonly seconds: number;
  /** How long ago it was last proved to have everything that Postgres told of; undefined where it never was. In seconds. */
  readonly provedSeconds: number | undefined;
}

export interface LagFacts {
  readonly nowMs: number;
  readonly streaming: boolean;
  /** When the stream last brought anything, a keepalive included; undefined before the first word. */
  readonly lastContactMs: number | undefined;
  /** LSN up to which the log has the WAL. */
  readonly position: bigint;
  /** The ends of the WAL that Postgres told of, the newest last. */
  readonly samples: readonly WalSample[];
  /** When Postgres was last asked in vain; undefined when it has answered since. */
  readonly failedAtMs: number | undefined;
  /** Before this nothing is known. */
  readonly startedMs: number;
}

export interface WalSample {
  readonly atMs: number;
  /** Where the WAL that is on Postgres's disk ended. */
  readonly end: bigint;
}

/** On a healthy connection Postgres says something every few seconds, being asked for it. */
const SILENT_AFTER_MS = 20_000;
/** What is committed now is in the log by then, unless something is wrong or there is very much of it. */
const BEHIND_AFTER_MS = 15_000;
/** A sample older than this tells nothing about the present. */
const STALE_AFTER_MS = 15_000;

/**
 * Judges by what is known now, not by what was last reported: where reports stop, the lag grows from the moment at
 * which the log was last known to be whole. On an idle database each sample finds the log at the end of the WAL.
 */
export function judgeLag(facts: LagFacts): Lag {
  const { nowMs, samples, position, startedMs } = facts;
  const newest = samples.at(-1);
  // Keepalives bring the position to the byte before the next record.
  const reached = samples.findLast(({ end }) => end <= position + 1n);
  const isKnown =
    newest !== undefined && facts.failedAtMs === undefined && nowMs - newest.atMs < STALE_AFTER_MS;
  const contactMs = facts.lastContactMs ?? startedMs;
  const isSilent = nowMs - contactMs > SILENT_AFTER_MS;
  const isWhole = isKnown && facts.streaming && !isSilent && reached === newest;
  const wholeAtMs = Math.min(reached?.atMs ?? startedMs, Math.max(contactMs, startedMs));
  const seconds = isWhole ? 0 : Math.max(0, nowMs - wholeAtMs) / 1000;
  const bytes = isKnown ? Number(newest.end > position + 1n ? newest.end - position - 1n : 0n) : undefined;
  const provedSeconds = reached === undefined ? undefined : (nowMs - reached.atMs) / 1000;
  return { state: stateOf(isKnown, facts.streaming, isSilent, seconds), bytes, seconds, provedSeconds };
}

function stateOf(isKnown: boolean, streaming: boolean, isSilent: boolean, seconds: number): ReplicationState {
  if (!isKnown) return 'postgres_down';
  if (!streaming) return 'disconnected';
  if (isSilent) return 'silent';
  return seconds * 1000 > BEHIND_AFTER_MS ? 'behind' : 'live';
}
