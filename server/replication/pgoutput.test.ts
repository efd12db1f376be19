import { describe, expect, it } from 'vitest';
import { decodePgoutput, UNCHANGED } from './pgoutput.ts';

/** Bytes of a message, as the documentation of the protocol lists its parts. */
function message(tag: string, ...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from(tag), ...parts]);
}
const text = (value: string) => Buffer.from(`${value}\0`);
const byte = (value: number) => Buffer.from([value]);
function int(bits: 16 | 32 | 64, value: number | bigint): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(BigInt.asIntN(64, BigInt(value)));
  return buffer.subarray(8 - bits / 8);
}
function tuple(...values: readonly (string | null | undefined)[]): Buffer {
  const columns = values.map((value) => {
    if (value === null) return Buffer.from('n');
    if (value === undefined) return Buffer.from('u');
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.from('t'), int(32, bytes.length), bytes]);
  });
  return Buffer.concat([int(16, values.length), ...columns]);
}

describe('pgoutput', () => {
  it('decodes the frame of a transaction, ids above 2³¹ included', () => {
    expect(decodePgoutput(message('B', int(64, 0x16_0000_0001n), int(64, 0), int(32, 0xffff_fff0)))).toEqual({
      kind: 'begin',
      commitLsn: 0x16_0000_0001n,
      xid: 0xffff_fff0,
    });
    expect(decodePgoutput(message('C', byte(0), int(64, 10), int(64, 50), int(64, 0)))).toEqual({
      kind: 'commit',
      commitLsn: 10n,
      endLsn: 50n,
    });
  });

  it('decodes a relation with its columns', () => {
    const columns = Buffer.concat([
      int(16, 2),
      ...[byte(1), text('id'), int(32, 20), int(32, -1)],
      ...[byte(0), text('namn å'), int(32, 1043), int(32, 24)],
    ]);
    const bytes = message('R', int(32, 16_400), text(''), text('things'), Buffer.from('d'), columns);
    expect(decodePgoutput(bytes)).toEqual({
      kind: 'relation',
      relation: {
        oid: 16_400,
        schema: 'pg_catalog',
        table: 'things',
        columns: [
          { name: 'id', typeOid: 20, typeModifier: -1, identity: true },
          { name: 'namn å', typeOid: 1043, typeModifier: 24, identity: false },
        ],
      },
    });
  });

  it('decodes rows: NULL is not the empty text, and an unchanged TOAST value is neither', () => {
    const oid = int(32, 7);
    expect(decodePgoutput(message('I', oid, Buffer.from('N'), tuple('å', null, '')))).toEqual({
      kind: 'insert',
      oid: 7,
      new: ['å', null, ''],
    });
    expect(
      decodePgoutput(
        message('U', oid, Buffer.from('O'), tuple('a', 'b'), Buffer.from('N'), tuple('c', undefined)),
      ),
    ).toEqual({ kind: 'update', oid: 7, old: ['a', 'b'], wholeOld: true, new: ['c', UNCHANGED] });
    expect(decodePgoutput(message('U', oid, Buffer.from('N'), tuple('c')))).toEqual({
      kind: 'update',
      oid: 7,
      old: null,
      wholeOld: false,
      new: ['c'],
    });
    expect(decodePgoutput(message('D', oid, Buffer.from('K'), tuple('a', null)))).toEqual({
      kind: 'delete',
      oid: 7,
      old: ['a', null],
      wholeOld: false,
    });
    expect(decodePgoutput(message('T', int(32, 2), byte(0), oid, int(32, 8)))).toEqual({
      kind: 'truncate',
      oids: [7, 8],
    });
  });

  it('keeps nothing of the buffer, which the connection writes over', () => {
    const bytes = message('I', int(32, 7), Buffer.from('N'), tuple('kept'));
    const decoded = decodePgoutput(bytes);
    bytes.fill(0);
    expect(decoded).toEqual({ kind: 'insert', oid: 7, new: ['kept'] });
  });

  it('passes over types, origins and logical messages, and refuses what it does not know', () => {
    for (const tag of ['Y', 'O', 'M']) expect(decodePgoutput(Buffer.from(tag))).toEqual({ kind: 'other' });
    expect(() => decodePgoutput(Buffer.from('Z'))).toThrowError('unknown kind "Z"');
    const binary = message('I', int(32, 7), Buffer.from('N'), int(16, 1), Buffer.from('b'));
    expect(() => decodePgoutput(binary)).toThrowError('unknown kind "b"');
  });
});
