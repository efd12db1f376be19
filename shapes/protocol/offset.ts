/**
 * Position in a shape's log, in Electric's terms. Clients treat the text as opaque.
 *
 * - `before_all` (`-1`): nothing read yet, the snapshot comes first;
 * - `now`: skip the snapshot and what lies behind, follow from here;
 * - `snapshot` (`0_<chunk>` or `0_inf`): within one snapshot, meaningful only with that snapshot's handle;
 * - `log` (`<lsn>_<op>`): after operation `op` of the transaction whose commit record lies at `lsn`.
 *
 * Source: Electric HTTP API, https://electric-sql.com/docs/api/http
 */
export type Offset =
  | { readonly kind: 'before_all' }
  | { readonly kind: 'now' }
  | { readonly kind: 'snapshot'; readonly chunk: number | 'end' }
  | { readonly kind: 'log'; readonly lsn: bigint; readonly op: number | 'end' };

/** A position in the change log: the only kind of offset that means the same on every instance. */
export type LogOffset = Extract<Offset, { kind: 'log' }>;

const LOG_OFFSET = /^(0|[1-9]\d{0,19})_(inf|0|[1-9]\d{0,14})$/;
const MAX_LSN = (1n << 64n) - 1n;

/** Reads an offset; undefined when the text is none. */
export function parseOffset(text: string): Offset | undefined {
  if (text === '-1') return { kind: 'before_all' };
  if (text === 'now') return { kind: 'now' };
  const match = LOG_OFFSET.exec(text);
  if (match === null) return undefined;
  const lsn = BigInt(match[1]!);
  const op = match[2] === 'inf' ? 'end' : Number(match[2]);
  if (lsn > MAX_LSN) return undefined;
  return lsn === 0n ? { kind: 'snapshot', chunk: op } : { kind: 'log', lsn, op };
}

/** The text of an offset, as it stands in a URL and in the `electric-offset` header. */
export function formatOffset(offset: Offset): string {
  switch (offset.kind) {
    case 'before_all':
      return '-1';
    case 'now':
      return 'now';
    case 'snapshot':
      return `0_${offset.chunk === 'end' ? 'inf' : offset.chunk}`;
    case 'log':
      return `${offset.lsn}_${offset.op === 'end' ? 'inf' : offset.op}`;
  }
}

/** Order of two log offsets: negative when `a` comes first, zero when they are the same position. */
export function compareLogOffsets(a: LogOffset, b: LogOffset): number {
  if (a.lsn !== b.lsn) return a.lsn < b.lsn ? -1 : 1;
  if (a.op === b.op) return 0;
  if (a.op === 'end') return 1;
  if (b.op === 'end') return -1;
  return a.op - b.op;
}
