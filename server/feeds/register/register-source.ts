import type { FeedItem } from '../feed.ts';
import type { FeedSource } from '../source.ts';
import { readRow } from './read-row.ts';
import type { RowReading } from './read-row.ts';
import type { Reject, Row, RowFile } from './row.ts';

/** Rows that are read, and written, at once: their locks (some three a row at most) must fit into Postgres's table. */
const BATCH_ROWS = 500;

/** What a batch of rows comes to. */
export interface RowItems {
  readonly items: readonly { readonly item: FeedItem; readonly row: Row }[];
  readonly rejects: readonly Reject[];
}

/** A file of a register's entries as a source. */
export function registerSource(
  name: string,
  file: RowFile,
  reading: RowReading,
): FeedSource<readonly Row[], RowItems> {
  return {
    identity: { feed: name, isRegister: true },
    async *fetch(signal) {
      let batch: Row[] = [];
      for await (const row of file.rows) {
        signal.throwIfAborted();
        if (batch.push(row) < BATCH_ROWS) continue;
        yield batch;
        batch = [];
      }
      if (batch.length > 0) yield batch;
    },
    items(rows) {
      const items: { item: FeedItem; row: Row }[] = [];
      const rejects: Reject[] = [];
      for (const row of rows) {
        const read = readRow(row, reading);
        if (typeof read === 'string') rejects.push({ row, reason: read });
        else items.push({ item: read, row });
      }
      return { items, rejects };
    },
  };
}
