import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogChange, LogRelation } from './change-log.ts';
import { decodeCommit, decodeHeader, decodePiece, decodePosition } from './codec.ts';
import { encodeCommit, encodeHeader, encodePiece, encodePosition } from './codec.ts';

const relations: LogRelation[] = ['a', 'b'].map((table, index) => ({
  oid: index,
  schema: 'public',
  table,
  columns: [{ name: 'id', typeOid: 20, typeModifier: -1, identity: true }],
}));
const lsn = fc.bigInt(0n, 2n ** 64n - 1n);
const xid = fc.integer({ min: 0, max: 2 ** 53 - 1 });
const tuple = fc.array(fc.option(fc.string({ unit: 'binary' })), { maxLength: 4 });
const change: fc.Arbitrary<LogChange> = fc.record({
  operation: fc.constantFrom('insert', 'update', 'delete', 'truncate'),
  relation: fc.constantFrom(...relations),
  position: fc.nat(),
  old: fc.option(tuple),
  new: fc.option(tuple),
});

describe('codec', () => {
  it('gives every piece back as it was', () => {
    fc.assert(
      fc.property(lsn, xid, fc.array(change), (at, id, changes) => {
        const piece = { lsn: at, xid: id, changes };
        expect(decodePiece(encodePiece(piece))).toEqual(piece);
      }),
    );
  });

  it('gives commits, positions and headers back as they were', () => {
    fc.assert(
      fc.property(lsn, xid, fc.string(), (at, id, epoch) => {
        expect(decodeCommit(encodeCommit(at, id))).toEqual({ lsn: at, xid: id });
        expect(decodePosition(encodePosition(at))).toBe(at);
        expect(decodeHeader(encodeHeader({ version: 2, epoch, base: at }))).toEqual({
          version: 2,
          epoch,
          base: at,
        });
      }),
    );
  });
});
