import type { REPLICATION_EVENT_KINDS } from '@halo/shapes/protocol/inspector.ts';
import type { Queryable } from '../db/pool.ts';

/** Events that wait to be written: while Postgres is away there is nobody to take them. */
const MAX_WAITING = 200;
/** The same failure again within this time counts as one. */
const SAME_EVENT_MS = 60_000;
const MAX_MESSAGE_CHARACTERS = 300;
/** Events that are kept of an instance. */
const MAX_KEPT = 500;

export type ReplicationEventKind = (typeof REPLICATION_EVENT_KINDS)[number];

interface Waiting {
  readonly kind: ReplicationEventKind;
  readonly code: string;
  readonly message: string | null;
  readonly atMs: number;
  times: number;
}

/** What happened to this instance's replication, until it can be written down. */
export class ReplicationJournal {
  readonly #nowMs: () => number;
  #waiting: Waiting[] = [];

  /** @param nowMs a monotonic clock in milliseconds. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  note(kind: ReplicationEventKind, code: string, message: string | null): void {
    const atMs = this.#nowMs();
    const same = this.#waiting.findLast((each) => each.kind === kind && each.code === code);
    if (same !== undefined && atMs - same.atMs < SAME_EVENT_MS) {
      same.times += 1;
      return;
    }
    this.#waiting.push({
      kind,
      code,
      message: message?.slice(0, MAX_MESSAGE_CHARACTERS) ?? null,
      atMs,
      times: 1,
    });
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
  }

  /** Writes what waits; what cannot be written waits on. */
  async write(db: Queryable, instance: string): Promise<void> {
    if (this.#waiting.length === 0) return;
    const events = this.#waiting;
    this.#waiting = [];
    try {
      await db.query(
        `INSERT INTO replication_events (instance, at, kind, code, message, times)
         SELECT $1, now() - n.age * interval '1 millisecond', n.kind, n.code, n.message, n.times
           FROM unnest($2::float8[], $3::text[], $4::text[], $5::text[], $6::int[])
                  WITH ORDINALITY AS n (age, kind, code, message, times, place) ORDER BY n.place`,
        [
          instance,
          events.map(({ atMs }) => this.#nowMs() - atMs),
          events.map(({ kind }) => kind),
          events.map(({ code }) => code),
          events.map(({ message }) => message),
          events.map(({ times }) => times),
        ],
      );
      await db.query(
        `DELETE FROM replication_events WHERE instance = $1 AND id <= (
           SELECT id FROM replication_events WHERE instance = $1 ORDER BY id DESC OFFSET ${MAX_KEPT} LIMIT 1)`,
        [instance],
      );
    } catch (error) {
      this.#waiting = [...events, ...this.#waiting].slice(-MAX_WAITING);
      throw error;
    }
  }
}
