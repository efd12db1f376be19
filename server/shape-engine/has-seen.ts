import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import type { ChangeLog } from '../change-log/change-log.ts';
import { endOf } from './log-offset.ts';
import { stretches } from './stretch.ts';
import { saw } from './visibility.ts';
import type { Visibility } from './visibility.ts';

/** Whether a Postgres snapshot saw every transaction that the log has up to `known`. */
export async function hasSeen(changeLog: ChangeLog, seen: Visibility, known: LogOffset): Promise<boolean> {
  const before = changeLog.offsetBefore(Number(seen.xmin));
  const from = changeLog.covers(before) ? before : endOf(changeLog.start());
  const stepAside = stretches();
  for await (const chunk of changeLog.read(from)) {
    if (chunk.lsn > known.lsn) return true;
    if (!saw(seen, chunk.xid)) return false;
    await stepAside();
  }
  return true;
}
