import type { LogChange } from '../../change-log/change-log.ts';
import { deletedShape } from '../deleted-shape.ts';
import type { DispatchedView } from '../dispatcher.ts';
import type { TableSchema } from '../table-schema.ts';

/** What a feed hands on to. */
export interface FedStream {
  take(change: LogChange, lsn: bigint, xid: number): boolean;
  commit(): void;
  end(reason: string): void;
}

/** One table of a shape with subqueries, as the dispatcher sees it: every change of the table, whatever its values. */
export class TableFeed implements DispatchedView {
  readonly hash: string;
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  readonly equalities = null;
  /** Nobody waits here: the stream tells its readers when it has followed what it was handed. */
  readonly waiting = new Set<never>();
  readonly #stream: FedStream;

  /** @param hash of the shape. */
  constructor({ oid, schema, table }: TableSchema, stream: FedStream, hash: string) {
    this.hash = hash;
    this.oid = oid;
    this.schema = schema;
    this.table = table;
    this.#stream = stream;
  }

  take(change: LogChange, lsn: bigint, xid: number): boolean {
    if (deletedShape(change) === this.hash) {
      this.#stream.end('it was deleted');
      return false;
    }
    return this.#stream.take(change, lsn, xid);
  }

  commit(): boolean {
    this.#stream.commit();
    return false;
  }

  skipTo(): void {
    this.#stream.end('changes were skipped');
  }
}
