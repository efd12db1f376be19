import { describe, expect, it } from 'vitest';
import type { LogRelation } from '../change-log/change-log.ts';
import { UNCHANGED } from './pgoutput.ts';
import type { PgoutputMessage } from './pgoutput.ts';
import { TransactionAssembler } from './transaction-assembler.ts';
import type { Assembled } from './transaction-assembler.ts';

const relation: LogRelation = {
  oid: 7,
  schema: 'public',
  table: 'things',
  columns: ['id', 'v'].map((name) => ({ name, typeOid: 25, typeModifier: -1, identity: true })),
};
const other: LogRelation = { ...relation, oid: 8, table: 'others' };
const begin: PgoutputMessage = { kind: 'begin', commitLsn: 100n, xid: 5 };
const commit: PgoutputMessage = { kind: 'commit', commitLsn: 100n, endLsn: 140n };
const insert = (id: number, v = 'x'): PgoutputMessage => ({ kind: 'insert', oid: 7, new: [String(id), v] });

function run(messages: readonly PgoutputMessage[]): Assembled[] {
  const assembler = new TransactionAssembler();
  const described = [relation, other].map((known) => ({ kind: 'relation', relation: known }) as const);
  return [...described, ...messages]
    .map((message) => assembler.accept(message))
    .filter(({ kind }) => kind !== 'nothing');
}
function changesOf(assembled: readonly Assembled[]) {
  return assembled.flatMap((part) => (part.kind === 'nothing' ? [] : part.changes));
}

describe('transaction assembler', () => {
  it('counts operations in steps of two and keeps their order', () => {
    const assembled = run([
      begin,
      insert(1),
      { kind: 'update', oid: 7, old: ['1', 'x'], wholeOld: true, new: ['1', 'y'] },
      { kind: 'delete', oid: 7, old: ['1', 'y'], wholeOld: true },
      { kind: 'truncate', oids: [7, 8] },
      commit,
    ]);
    expect(assembled).toMatchObject([{ kind: 'commit', lsn: 100n, endLsn: 140n, xid: 5, empty: false }]);
    expect(
      changesOf(assembled).map((change) => [change.position, change.operation, change.old, change.new]),
    ).toEqual([
      [0, 'insert', null, ['1', 'x']],
      [2, 'update', ['1', 'x'], ['1', 'y']],
      [4, 'delete', ['1', 'y'], null],
      [6, 'truncate', null, null],
      [8, 'truncate', null, null],
    ]);
    expect(changesOf(assembled).at(-1)?.relation.table).toBe('others');
  });

  it('fills in what an update left alone from the old row, where there is one', () => {
    const update = (old: readonly string[] | null): PgoutputMessage => {
      return { kind: 'update', oid: 7, old, wholeOld: old !== null, new: ['1', UNCHANGED] };
    };
    expect(changesOf(run([begin, update(['1', 'long']), commit]))[0]?.new).toEqual(['1', 'long']);
    expect(changesOf(run([begin, update(null), commit]))[0]?.new).toEqual(['1', null]);
  });

  it('says of a change that lacks its old row that its table does not tell them, and of no other change', () => {
    const lacking: PgoutputMessage[] = [
      { kind: 'update', oid: 7, old: null, wholeOld: false, new: ['1', 'x'] },
      { kind: 'delete', oid: 7, old: ['1', null], wholeOld: false },
      insert(2),
    ];
    const identities = changesOf(run([begin, ...lacking, commit])).map(({ relation: { columns } }) => {
      return columns.every(({ identity }) => identity);
    });
    expect(identities).toEqual([false, false, true]);
  });

  it('calls a transaction empty only when it changed nothing at all', () => {
    expect(run([begin, { kind: 'other' }, commit])).toMatchObject([{ kind: 'commit', empty: true }]);
    const thousand = Array.from({ length: 1_000 }, (_, id) => insert(id));
    expect(run([begin, ...thousand, commit])).toMatchObject([
      { kind: 'piece' },
      { kind: 'commit', empty: false, changes: [] },
    ]);
  });

  it.each([
    ['many rows', Array.from({ length: 2_500 }, (_, id) => insert(id)), 3],
    ['few rows that are large', Array.from({ length: 8 }, (_, id) => insert(id, 'x'.repeat(600_000))), 5],
  ])('hands on %s in pieces and loses none', (_, inserts, pieces) => {
    const assembled = run([begin, ...inserts, commit]);
    expect(assembled).toHaveLength(pieces);
    expect(changesOf(assembled).map(({ position }) => position)).toEqual(inserts.map((_message, n) => 2 * n));
  });

  it('loses no truncation at the edge of a piece', () => {
    const almost = Array.from({ length: 999 }, (_, id) => insert(id));
    const changes = changesOf(run([begin, ...almost, { kind: 'truncate', oids: [7, 8] }, insert(1), commit]));
    expect(changes).toHaveLength(1_002);
    expect(changes.slice(998).map(({ operation }) => operation)).toEqual([
      'insert',
      'truncate',
      'truncate',
      'insert',
    ]);
  });

  it('takes a relation as it was described last', () => {
    const renamed = { ...relation, table: 'renamed' };
    const changes = changesOf(
      run([begin, insert(1), { kind: 'relation', relation: renamed }, insert(2), commit]),
    );
    expect(changes.map((change) => change.relation.table)).toEqual(['things', 'renamed']);
  });

  it('refuses changes that come before their transaction or their relation', () => {
    expect(() => run([insert(1)])).toThrowError('outside of a transaction');
    expect(() => run([begin, { kind: 'delete', oid: 9, old: [], wholeOld: true }])).toThrowError(
      'before it described it',
    );
  });
});
