import type { AuthorizedOutcome } from '../../client-sdk/sync/session.ts';

/** One change of a transaction, in the shape with this index. */
export interface ModelChange {
  readonly shape: number;
  readonly id: number;
  /** A new severity for the row, made where it is missing; null removes it. */
  readonly severity: number | null;
}

/** The rows of a shape: severity by id. */
export type ModelRows = ReadonlyMap<number, number>;

interface Entry extends ModelChange {
  readonly lsn: number;
  readonly op: number;
  readonly kind: 'insert' | 'update' | 'delete';
  readonly last: boolean;
}

interface SnapshotOf {
  readonly lsn: number;
  readonly rows: readonly (readonly [number, number])[];
}

/** How the model writes a row's values on the wire. */
export type Render = (shape: number, id: number, severity: number) => Record<string, string | null>;

/**
 * A server as a device sees it: transactions over several shapes, answers of at most so many messages, handles that
 * can be made worthless. Everything it says follows from what was committed.
 */
export class ModelServer {
  readonly #perAnswer: number;
  readonly #render: Render;
  readonly #log: Entry[] = [];
  readonly #generations: number[];
  /** Snapshots by handle: who has begun one reads on in the same. */
  readonly #snapshots = new Map<string, SnapshotOf>();
  lsn = 100;

  constructor(shapes: number, perAnswer: number, render: Render) {
    this.#perAnswer = perAnswer;
    this.#render = render;
    this.#generations = Array.from({ length: shapes }, () => 1);
  }

  /** Commits one transaction. */
  commit(changes: readonly ModelChange[]): void {
    this.lsn += 10;
    const fit: Omit<Entry, 'last'>[] = [];
    const now = this.#generations.map((_, shape) => new Map(this.rowsAt(shape, this.lsn)));
    for (const change of changes) {
      const rows = now[change.shape]!;
      const known = rows.has(change.id);
      if (change.severity === null && !known) continue;
      const kind = change.severity === null ? 'delete' : known ? 'update' : 'insert';
      fit.push({ ...change, kind, lsn: this.lsn, op: fit.length * 2 });
      if (change.severity === null) rows.delete(change.id);
      else rows.set(change.id, change.severity);
    }
    for (const [index, entry] of fit.entries()) {
      const last = !fit.slice(index + 1).some(({ shape }) => shape === entry.shape);
      this.#log.push({ ...entry, last });
    }
  }

  /** Makes the handle of a shape worthless. */
  refuse(shape: number): void {
    this.#generations[shape]! += 1;
  }

  /** The rows of a shape after all that was committed up to an LSN. */
  rowsAt(shape: number, lsn: number): ModelRows {
    const rows = new Map<number, number>();
    for (const entry of this.#log) {
      if (entry.shape !== shape || entry.lsn > lsn) continue;
      if (entry.severity === null) rows.delete(entry.id);
      else rows.set(entry.id, entry.severity);
    }
    return rows;
  }

  /** Whether a live request would be answered at once. */
  hasNews(shape: number, query: URLSearchParams): boolean {
    if (query.get('live') !== 'true' || !query.get('handle')!.startsWith(this.#prefix(shape))) return true;
    return this.#after(shape, query.get('offset')!).length > 0;
  }

  answer(shape: number, query: URLSearchParams): AuthorizedOutcome {
    const offset = query.get('offset')!;
    if (offset === '-1') {
      const handle = `${this.#prefix(shape)}${this.#snapshots.size}`;
      const rows = [...this.rowsAt(shape, this.lsn)];
      this.#snapshots.set(handle, { lsn: this.lsn, rows });
      return this.#snapshot(shape, handle, 0);
    }
    const handle = query.get('handle')!;
    if (!handle.startsWith(this.#prefix(shape)))
      return answered(409, { 'electric-handle': `${this.#prefix(shape)}new` }, []);
    if (offset.startsWith('0_')) return this.#snapshot(shape, handle, Number(offset.slice(2)) + 1);
    return this.#part(shape, handle, offset);
  }

  /** What the handles begin with that are honoured. */
  #prefix(shape: number): string {
    return `${shape}-${this.#generations[shape]}-`;
  }

  #snapshot(shape: number, handle: string, chunk: number): AuthorizedOutcome {
    const { lsn, rows } = this.#snapshots.get(handle)!;
    const from = chunk * this.#perAnswer;
    const messages = rows.slice(from, from + this.#perAnswer).map(([id, severity]) => ({
      key: String(id),
      value: this.#render(shape, id, severity),
      headers: { operation: 'insert', relation: ['public', 'x'] },
    }));
    const isLast = from + this.#perAnswer >= rows.length;
    // As ours ends a snapshot: at a place in the log, and not yet up to date.
    const offset = isLast ? `${lsn}_999` : `0_${chunk}`;
    return answered(200, { 'electric-handle': handle, 'electric-offset': offset }, messages);
  }

  #after(shape: number, offset: string): readonly Entry[] {
    const [lsn = 0, op = 0] = offset.split('_').map(Number);
    return this.#log.filter(
      (each) => each.shape === shape && (each.lsn > lsn || (each.lsn === lsn && each.op > op)),
    );
  }

  #part(shape: number, handle: string, offset: string): AuthorizedOutcome {
    const news = this.#after(shape, offset);
    const part = news.slice(0, this.#perAnswer);
    const messages: unknown[] = part.map(({ id, severity, kind, lsn, op, last }) => ({
      key: String(id),
      value: this.#valueOf(shape, id, severity, kind),
      headers: {
        operation: kind,
        relation: ['public', 'x'],
        lsn: String(lsn),
        op_position: op,
        ...(last ? { last: true } : {}),
      },
    }));
    const end = part.at(-1);
    const isUpToDate = part.length === news.length;
    if (isUpToDate)
      messages.push({ headers: { control: 'up-to-date', global_last_seen_lsn: String(this.lsn) } });
    const reached = isUpToDate ? `${this.lsn}_999` : `${end!.lsn}_${end!.op}`;
    return answered(200, { 'electric-handle': handle, 'electric-offset': reached }, messages);
  }

  #valueOf(shape: number, id: number, severity: number | null, kind: Entry['kind']) {
    const row = this.#render(shape, id, severity ?? 1);
    if (kind === 'insert') return row;
    return { id: row['id']!, ...(kind === 'update' ? { severity: row['severity']! } : {}) };
  }
}

function answered(status: number, headers: Record<string, string>, messages: unknown[]): AuthorizedOutcome {
  return { kind: 'answered', status, headers: new Headers(headers), text: JSON.stringify(messages) };
}
