import { describe, expect, it } from 'vitest';
import { parseRawHandle, toEngineOffset } from './raw-handle.ts';
import { readColumnNames, readTableName } from './raw-name.ts';
import { readRawQuery } from './raw-query.ts';

const read = (given: Record<string, string>) =>
  readRawQuery(new Map(Object.entries({ table: 't', offset: '-1', ...given })));

describe('a raw request', () => {
  it.each([
    ['orders', 'public', 'orders'],
    ['Orders', 'public', 'orders'],
    ['"Or.d""ers"', 'public', 'Or.d"ers'],
    ['shop."Orders"', 'shop', 'Orders'],
  ])('names the table %s as Postgres would read it', (text, schema, table) => {
    expect(readTableName(text)).toEqual({ ok: true, schema, table });
  });

  it.each(['', '.', 'x.', 'a.b.c', '1abc', 'a b', `x'; drop`, '"unclosed'])(
    'refuses the table %j',
    (text) => {
      expect(readTableName(text).ok).toBe(false);
    },
  );

  it('reads columns, quoted ones with their commas', () => {
    expect(readColumnNames('id,"a,b",C')).toEqual(['id', 'a,b', 'c']);
    expect(readColumnNames('id,')).toHaveProperty('message');
    expect(read({ columns: 'id,id' })).toMatchObject({
      ok: false,
      errors: { columns: [expect.any(String)] },
    });
  });

  it('takes parameters numbered from 1 without a gap, and nothing else', () => {
    expect(read({ 'params[2]': 'b', 'params[1]': 'a' })).toMatchObject({ query: { params: ['a', 'b'] } });
    for (const wrong of ['params[0]', 'params[2]', 'params[x]', 'params', 'params[]']) {
      expect(read({ [wrong]: '1' }), wrong).toMatchObject({ ok: false });
    }
  });

  it('refuses what does not go together', () => {
    expect(read({ live: 'true' })).toMatchObject({ errors: { live: ["can't be true when offset == -1"] } });
    expect(read({ offset: '0_0' })).toMatchObject({ errors: { handle: [expect.any(String)] } });
    expect(read({ live_sse: 'true', offset: '0_0', handle: 'h' })).toMatchObject({ ok: false });
  });
});

describe('a raw handle', () => {
  const handle = parseRawHandle('0123abcd-77-abcdefghij-4711-3');

  it('makes the end of its snapshot a position in the log', () => {
    expect(handle).toEqual({ engine: '0123abcd-77-abcdefghij', end: 4711n, chunks: 3 });
    const end = { kind: 'log', lsn: 4711n, op: 'end' };
    expect(toEngineOffset({ kind: 'snapshot', chunk: 'end' }, handle)).toEqual(end);
    expect(toEngineOffset({ kind: 'snapshot', chunk: 2 }, handle)).toEqual(end);
    expect(toEngineOffset({ kind: 'snapshot', chunk: 1 }, handle)).toEqual({ kind: 'snapshot', chunk: 1 });
  });

  it('is none where it does not tell of a snapshot', () => {
    expect(parseRawHandle('0123abcd-77-abcdefghij')).toBeUndefined();
    expect(parseRawHandle('nope')).toBeUndefined();
  });
});
