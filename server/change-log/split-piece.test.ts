import { describe, expect, it } from 'vitest';
import type { LogChange } from './change-log.ts';
import { splitPiece } from './split-piece.ts';

const relation = { oid: 1, schema: 'public', table: 'things', columns: [] };
const change = (position: number, length: number): LogChange => {
  return { operation: 'insert', relation, position, old: null, new: ['x'.repeat(length)] };
};

describe('split piece', () => {
  it('cuts what is larger than a mebibyte, keeps the order, and leaves a huge row whole', () => {
    const lengths = [10, 400_000, 400_000, 400_000, 5_000_000, 10, 10];
    const changes = lengths.map((length, n) => change(n, length));
    const pieces = [...splitPiece({ lsn: 1n, xid: 2, changes })];
    expect(pieces.map((piece) => piece.changes.map(({ position }) => position))).toEqual([
      [0, 1, 2, 3],
      [4],
      [5, 6],
    ]);
    expect(pieces.every(({ lsn, xid }) => lsn === 1n && xid === 2)).toBe(true);
  });

  it('makes nothing of nothing', () => {
    expect([...splitPiece({ lsn: 1n, xid: 2, changes: [] })]).toEqual([]);
  });
});
