import type { LogColumn, LogRelation } from '../change-log/change-log.ts';

/** A column's value as it is sent: text, NULL, or `unchanged` (a TOAST value that the update left alone). */
export type SentValue = string | null | typeof UNCHANGED;
export const UNCHANGED: unique symbol = Symbol('unchanged');
export type SentTuple = readonly SentValue[];

/**
 * Messages of pgoutput, protocol version 1, with every value in Postgres's own text.
 * Source: https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
 */
export type PgoutputMessage =
  | { readonly kind: 'begin'; readonly commitLsn: bigint; readonly xid: number }
  | { readonly kind: 'commit'; readonly commitLsn: bigint; readonly endLsn: bigint }
  | { readonly kind: 'relation'; readonly relation: LogRelation }
  | { readonly kind: 'insert'; readonly oid: number; readonly new: SentTuple }
  /** `wholeOld`: the old row is there with all its columns, and not only with its key or not at all. */
  | {
      readonly kind: 'update';
      readonly oid: number;
      readonly old: SentTuple | null;
      readonly wholeOld: boolean;
      readonly new: SentTuple;
    }
  | { readonly kind: 'delete'; readonly oid: number; readonly old: SentTuple; readonly wholeOld: boolean }
  | { readonly kind: 'truncate'; readonly oids: readonly number[] }
  /** Types, origins and logical messages: of no consequence here. */
  | { readonly kind: 'other' };

/** Marks an old row with all its columns; another marker is of its key alone. */
const WHOLE_ROW = 'O';

/** Decodes one message at once: the buffer belongs to the connection and is written over afterwards. */
export function decodePgoutput(bytes: Buffer): PgoutputMessage {
  const reader = new Reader(bytes);
  const tag = String.fromCharCode(reader.byte());
  switch (tag) {
    case 'B': {
      const commitLsn = reader.int64();
      reader.int64(); // commit time
      return { kind: 'begin', commitLsn, xid: reader.uint32() };
    }
    case 'C': {
      reader.byte(); // flags
      return { kind: 'commit', commitLsn: reader.int64(), endLsn: reader.int64() };
    }
    case 'R':
      return { kind: 'relation', relation: readRelation(reader) };
    case 'I': {
      const oid = reader.uint32();
      reader.byte(); // 'N'
      return { kind: 'insert', oid, new: reader.tuple() };
    }
    case 'U':
      return readUpdate(reader);
    case 'D': {
      const oid = reader.uint32();
      const wholeOld = String.fromCharCode(reader.byte()) === WHOLE_ROW;
      return { kind: 'delete', oid, old: reader.tuple(), wholeOld };
    }
    case 'T': {
      const count = reader.uint32();
      reader.byte(); // options
      return { kind: 'truncate', oids: Array.from({ length: count }, () => reader.uint32()) };
    }
    case 'Y':
    case 'O':
    case 'M':
      return { kind: 'other' };
    default:
      throw new Error(`pgoutput sent a message of the unknown kind ${JSON.stringify(tag)}`);
  }
}

function readRelation(reader: Reader): LogRelation {
  const oid = reader.uint32();
  const schema = reader.string();
  const table = reader.string();
  reader.byte(); // replica identity
  const columns = Array.from({ length: reader.uint16() }, (): LogColumn => {
    const identity = (reader.byte() & 1) === 1;
    return { identity, name: reader.string(), typeOid: reader.uint32(), typeModifier: reader.int32() };
  });
  return { oid, schema: schema === '' ? 'pg_catalog' : schema, table, columns };
}

function readUpdate(reader: Reader): PgoutputMessage {
  const oid = reader.uint32();
  const marker = String.fromCharCode(reader.byte());
  if (marker === 'N') return { kind: 'update', oid, old: null, wholeOld: false, new: reader.tuple() };
  const old = reader.tuple();
  reader.byte(); // 'N'
  return { kind: 'update', oid, old, wholeOld: marker === WHOLE_ROW, new: reader.tuple() };
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }
  byte(): number {
    return this.#bytes.readUInt8(this.#at++);
  }
  uint16(): number {
    return this.#bytes.readUInt16BE((this.#at += 2) - 2);
  }
  uint32(): number {
    return this.#bytes.readUInt32BE((this.#at += 4) - 4);
  }
  int32(): number {
    return this.#bytes.readInt32BE((this.#at += 4) - 4);
  }
  int64(): bigint {
    return this.#bytes.readBigUInt64BE((this.#at += 8) - 8);
  }
  string(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    const text = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }
  tuple(): SentTuple {
    const count = this.uint16();
    const values: SentValue[] = [];
    for (let column = 0; column < count; column += 1) values.push(this.#value());
    return values;
  }

  #value(): SentValue {
    const kind = String.fromCharCode(this.byte());
    if (kind === 'n') return null;
    if (kind === 'u') return UNCHANGED;
    if (kind !== 't') throw new Error(`pgoutput sent a value of the unknown kind ${JSON.stringify(kind)}`);
    const length = this.uint32();
    const text = this.#bytes.toString('utf8', this.#at, this.#at + length);
    this.#at += length;
    return text;
  }
}
