import { compareLogOffsets } from '@halo/shapes/protocol/offset.ts';
import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import type { ChangeLog } from '../change-log/change-log.ts';
import { endOf, laterOf } from './log-offset.ts';
import type { LogEntry } from './encoded-message.ts';
import type { ShapeTranslator, TransactionMessages } from './shape-translator.ts';
import { stretches } from './stretch.ts';

/** A part of a shape's log, read from the change log. */
export interface CatchUp {
  readonly entries: readonly LogEntry[];
  /** Where the part ends: after its last message, or after everything known. */
  readonly end: LogOffset;
  /** True when nothing was left to read. */
  readonly upToDate: boolean;
}

/**
 * Reads a shape's messages after `offset` from the change log, up to its present position or until `maxBytes`
 * are reached; `ended` when the table was truncated or altered on the way.
 */
export async function catchUp(
  changeLog: ChangeLog,
  translator: ShapeTranslator,
  offset: LogOffset,
  maxBytes: number,
): Promise<CatchUp | 'ended'> {
  const until = changeLog.position();
  const stepAside = stretches();
  const entries: LogEntry[] = [];
  let bytes = 0;
  let open: TransactionMessages | null = null;
  for await (const chunk of changeLog.read(offset)) {
    if (chunk.lsn > until) break;
    const transaction = (open ??= translator.transaction(chunk.lsn, chunk.xid));
    for (const change of chunk.changes) {
      const turn = stepAside();
      if (turn !== undefined) await turn;
      if (!translator.concerns(change)) continue;
      const known = entries.length;
      if (!transaction.add(change, entries)) return 'ended';
      bytes += keepAfter(offset, entries, known);
      const last = entries.at(-1);
      if (bytes >= maxBytes && last !== undefined && transaction.mayCutAfter(last.offset.op)) {
        return { entries, end: last.offset, upToDate: false };
      }
    }
    if (chunk.last) {
      const known = entries.length;
      transaction.end(entries);
      bytes += keepAfter(offset, entries, known);
      open = null;
    }
  }
  return { entries, end: entries.at(-1)?.offset ?? laterOf(offset, endOf(until)), upToDate: true };
}

/** Drops what the reader has of what was added from `known` on; answers the bytes that stay. */
function keepAfter(offset: LogOffset, entries: LogEntry[], known: number): number {
  let bytes = 0;
  let kept = known;
  for (let i = known; i < entries.length; i += 1) {
    const entry = entries[i]!;
    if (compareLogOffsets(entry.offset, offset) <= 0) continue;
    entries[kept] = entry;
    kept += 1;
    bytes += entry.bytes.length;
  }
  entries.length = kept;
  return bytes;
}
