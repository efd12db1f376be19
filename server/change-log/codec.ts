import type { LogChange, LogChunk, LogRelation, Tuple } from './change-log.ts';

/** Version of the files: segments of another one are not read. Since 2, transaction ids are whole. */
export const FORMAT = 2;

/** What begins a segment: enough to read it though its predecessors are gone. */
export interface SegmentHeader {
  readonly version: typeof FORMAT;
  readonly epoch: string;
  /** Transactions at or before this LSN are not in this segment. */
  readonly base: bigint;
}

type Piece = Omit<LogChunk, 'last'>;
type EncodedChange = [operation: number, relation: number, position: number, old: Tuple | 0, new: Tuple | 0];
interface EncodedPiece {
  readonly l: string;
  readonly x: number;
  readonly r: readonly LogRelation[];
  readonly c: readonly EncodedChange[];
}

const OPERATIONS = [
  'insert',
  'update',
  'delete',
  'truncate',
] as const satisfies readonly LogChange['operation'][];

export function encodeHeader(header: SegmentHeader): Buffer {
  return Buffer.from(JSON.stringify({ ...header, base: String(header.base) }));
}

/** Undefined for a segment of another version. */
export function decodeHeader(payload: Buffer): SegmentHeader | undefined {
  const { version, epoch, base } = JSON.parse(payload.toString()) as {
    version: number;
    epoch: string;
    base: string;
  };
  return version === FORMAT ? { version, epoch, base: BigInt(base) } : undefined;
}

/** A piece carries the descriptions of its own relations, so that it can be read alone. */
export function encodePiece({ lsn, xid, changes }: Piece): Buffer {
  const relations: LogRelation[] = [];
  const indexOf = (relation: LogRelation) => {
    const known = relations.lastIndexOf(relation);
    return known >= 0 ? known : relations.push(relation) - 1;
  };
  const encoded = changes.map((change): EncodedChange => {
    const operation = OPERATIONS.indexOf(change.operation);
    return [operation, indexOf(change.relation), change.position, change.old ?? 0, change.new ?? 0];
  });
  return Buffer.from(
    JSON.stringify({ l: String(lsn), x: xid, r: relations, c: encoded } satisfies EncodedPiece),
  );
}

export function decodePiece(payload: Buffer): Piece {
  const { l, x, r, c } = JSON.parse(payload.toString()) as EncodedPiece;
  const changes = c.map(([operation, relation, position, old, new_]): LogChange => ({
    operation: OPERATIONS[operation]!,
    relation: r[relation]!,
    position,
    old: old === 0 ? null : old,
    new: new_ === 0 ? null : new_,
  }));
  return { lsn: BigInt(l), xid: x, changes };
}

/** Payload of a commit frame: LSN and transaction id in binary, so that a scan need not parse pieces. */
export function encodeCommit(lsn: bigint, xid: number): Buffer {
  const payload = Buffer.allocUnsafe(16);
  payload.writeBigUInt64LE(lsn, 0);
  payload.writeBigUInt64LE(BigInt(xid), 8);
  return payload;
}

export function decodeCommit(payload: Buffer): { lsn: bigint; xid: number } {
  return { lsn: payload.readBigUInt64LE(0), xid: Number(payload.readBigUInt64LE(8)) };
}

/** Payload of a position frame. */
export function encodePosition(lsn: bigint): Buffer {
  const payload = Buffer.allocUnsafe(8);
  payload.writeBigUInt64LE(lsn, 0);
  return payload;
}

export function decodePosition(payload: Buffer): bigint {
  return payload.readBigUInt64LE(0);
}
