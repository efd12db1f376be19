import type { Pool } from '../db/pool.ts';
import type { Service } from '../platform/service.ts';
import { sleep } from '../platform/sleep.ts';
import type { HeadHistory } from './head-history.ts';
import { writeOwnReport } from './instances.ts';
import type { OwnReport } from './own-report.ts';
import type { ReplicationJournal } from './replication-journal.ts';

/** How often the head is looked at, in milliseconds. */
const SAMPLE_EVERY_MS = 1_000;
/** How often this instance says how it is, in looks. */
const REPORT_EVERY = 5;

export interface InstanceReporterParts {
  readonly pool: Pool;
  readonly instance: string;
  readonly ownReport: () => OwnReport;
  readonly journal: ReplicationJournal;
  readonly history: HeadHistory;
  /** Where the log ends; undefined where there is none here. */
  readonly head: () => bigint | undefined;
  /** The history's clock, in milliseconds. */
  readonly nowMs: () => number;
}

/** Looks where the log's end is, each second, and says in Postgres how this instance fares. */
export function createInstanceReporter(parts: InstanceReporterParts): Service {
  const { pool, instance, ownReport, journal, history, head, nowMs } = parts;
  const report = async () => {
    try {
      await journal.write(pool, instance);
      await writeOwnReport(pool, instance, ownReport());
    } catch {
      // Postgres is away: the other instances see that nothing comes, and this one says it of itself.
    }
  };
  return {
    name: 'instance report',
    async run(signal) {
      let reporting: Promise<void> | undefined;
      for (let look = 0; !signal.aborted; look += 1) {
        const at = head();
        if (at !== undefined) history.sample(nowMs(), at);
        // Postgres may take long to answer; the head is looked at meanwhile.
        if (look % REPORT_EVERY === 0) reporting ??= report().finally(() => (reporting = undefined));
        await sleep(SAMPLE_EVERY_MS, signal);
      }
      await reporting;
    },
  };
}
