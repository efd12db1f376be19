import type { Pool } from '../db/pool.ts';
import { failedForWantOf } from '../db/database-away.ts';
import type { Logger } from '../platform/logger.ts';
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
/** What goes wrong at each report is told this often, in milliseconds. */
const LOG_EVERY_MS = 600_000;

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
  readonly logger: Logger;
}

/** Looks where the log's end is, each second, and says in Postgres how this instance fares. */
export function createInstanceReporter(parts: InstanceReporterParts): Service {
  const { pool, instance, ownReport, journal, history, head, nowMs } = parts;
  const log = parts.logger.child({ component: 'inspector' });
  let loggedMs = -Infinity;
  const report = async () => {
    try {
      await journal.write(pool, instance);
      await writeOwnReport(pool, instance, ownReport());
    } catch (error) {
      // While Postgres is away the other instances see that nothing comes, and this one says it of itself.
      if (await failedForWantOf(pool, error)) return;
      if (nowMs() - loggedMs < LOG_EVERY_MS) return;
      loggedMs = nowMs();
      log.error({ err: error }, 'how this instance fares could not be written down');
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
