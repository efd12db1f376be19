import { HeadHistory } from '../inspector/head-history.ts';
import { ReplicationJournal } from '../inspector/replication-journal.ts';

/** What is told of the read path, from before it is opened. */
export interface Watching {
  readonly history: HeadHistory;
  readonly journal: ReplicationJournal;
}

/** Empty ears. */
export function createWatching(): Watching {
  return { history: new HeadHistory(), journal: new ReplicationJournal(() => performance.now()) };
}
