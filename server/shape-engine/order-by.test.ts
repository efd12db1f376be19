import { beforeAll, describe, expect, it } from 'vitest';
import { orderBySql } from './order-by.ts';
import { loadGrammar } from './where/parse-where.ts';

const COLUMNS = new Set(['id', 'Name', 'n']);

beforeAll(() => loadGrammar());

describe('an order', () => {
  it.each([
    ['id', '"id"'],
    ['ID desc', '"id" DESC'],
    ['"Name" asc nulls first, n desc nulls last, id', '"Name" ASC NULLS FIRST, "n" DESC NULLS LAST, "id"'],
  ])('%s is printed again from what was understood', (clause, sql) => {
    expect(orderBySql(clause, COLUMNS)).toBe(sql);
  });

  it.each([
    'secret',
    'public.t.id',
    '*',
    'n + 1',
    '1',
    'lower("Name")',
    'id using <',
    'id collate "C"',
    '(select 1)',
    'id limit 1',
    'id for update',
    'id; drop table t',
    'id) --',
    '',
    'id,',
    'id\0',
  ])('invariant 8: %j is refused, for it is more than columns that may be read', (clause) => {
    expect(() => orderBySql(clause, COLUMNS)).toThrow(expect.objectContaining({ code: 'subset_invalid' }));
  });
});
