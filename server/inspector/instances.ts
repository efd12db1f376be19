import type { InstanceState } from '@halo/shapes/protocol/inspector.ts';
import type { Queryable } from '../db/pool.ts';
import type { OwnReport } from './own-report.ts';

/** An instance writes every few seconds; one that has not for so long is not there, in milliseconds. */
const GONE_AFTER_MS = 15_000;
/** Instances that are shown: those that were there last. */
const MAX_INSTANCES = 100;

/** An instance as it is known now. Ages in milliseconds. */
export interface InstanceView {
  readonly id: string;
  readonly self: boolean;
  readonly host: string | null;
  readonly state: InstanceState;
  readonly upstream: boolean;
  /** Null where it never told anything of itself. */
  readonly reportedAge: number | null;
  /** Age of the last moment at which its log had everything; it goes on where the instance is gone. */
  readonly lagMs: number | null;
  readonly lagBytes: number | null;
  readonly report: OwnReport | null;
}

export interface InstancesParts {
  readonly db: Queryable;
  /** The id of this instance. */
  readonly self: string;
  /** What this one knows of itself at this moment. */
  readonly ownReport: () => OwnReport;
}

interface Row {
  readonly instance: string;
  readonly host: string | null;
  readonly reported_age: number | null;
  readonly report: OwnReport | null;
}

/** The instances of the server, by what each has written of itself; of this one, by what it knows. */
export class Instances {
  readonly #parts: InstancesParts;

  constructor(parts: InstancesParts) {
    this.#parts = parts;
  }

  get self(): string {
    return this.#parts.self;
  }

  async all(): Promise<InstanceView[]> {
    const { db, self, ownReport } = this.#parts;
    const { rows } = await db.query<Row>(
      `SELECT coalesce(t.instance, substr(i.slot_name, 6)) AS instance, coalesce(t.report->>'host', i.host) AS host,
              (extract(epoch FROM now() - t.reported_at) * 1000)::float8 AS reported_age, t.report
         FROM instance_status t FULL JOIN instances i ON substr(i.slot_name, 6) = t.instance
        ORDER BY coalesce(t.reported_at, i.last_seen_at) DESC LIMIT ${MAX_INSTANCES}`,
    );
    const others = rows.filter(({ instance }) => instance !== self).map(viewOf);
    const report = ownReport();
    const own: InstanceView = {
      ...{ id: self, self: true, host: report.host, state: report.state, upstream: report.upstream },
      ...{ reportedAge: 0, lagMs: report.lagMs, lagBytes: report.lagBytes, report },
    };
    return [own, ...others];
  }
}

function viewOf({ instance, host, reported_age: age, report }: Row): InstanceView {
  const isGone = age === null || report === null || age > GONE_AFTER_MS;
  const lagMs = report?.lagMs ?? null;
  return {
    id: instance,
    self: false,
    host,
    state: isGone ? 'gone' : report.state,
    upstream: report?.upstream ?? false,
    reportedAge: age,
    // Whoever has stopped lacks all that has come since.
    lagMs: isGone && age !== null ? (lagMs ?? 0) + age : lagMs,
    lagBytes: isGone ? null : report.lagBytes,
    report,
  };
}

/** The versions that run on this database, `own` among them: of instances that have told of themselves just now. */
export async function runningVersions(db: Queryable, own: string): Promise<string[]> {
  const { rows } = await db.query<{ version: string }>(
    `SELECT DISTINCT report->>'version' AS version FROM instance_status
      WHERE reported_at > now() - make_interval(secs => ${GONE_AFTER_MS / 1000}) AND report->>'version' IS NOT NULL`,
  );
  return [...new Set([own, ...rows.map(({ version }) => version)])].toSorted();
}

/** Writes what this instance says of itself. */
export async function writeOwnReport(db: Queryable, self: string, report: OwnReport): Promise<void> {
  await db.query(
    `INSERT INTO instance_status (instance, reported_at, report) VALUES ($1, now(), $2)
     ON CONFLICT (instance) DO UPDATE SET reported_at = now(), report = excluded.report`,
    [self, report],
  );
}
