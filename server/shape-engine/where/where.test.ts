import { beforeAll, describe, expect, it } from 'vitest';
import { isHaloError } from '../../platform/errors.ts';
import { canonicalText } from './constant.ts';
import { checkWhere } from './check-where.ts';
import { conditionSql, quoteLiteral } from './condition-sql.ts';
import { equalitiesOf } from './equalities.ts';
import { loadGrammar } from './parse-where.ts';
import { compilePredicate } from './predicate.ts';
import { builtInType } from './scalar-type.ts';
import type { ScalarType } from './scalar-type.ts';
import { parseTimestamp } from './timestamp.ts';

const COLORS: ScalarType = {
  family: 'enum',
  sqlName: '"public"."color"',
  labels: ['red', 'blue'],
  ordered: false,
};
const COLUMNS: Readonly<Record<string, ScalarType>> = {
  id: builtInType('uuid')!,
  n: builtInType('int4')!,
  big: builtInType('int8')!,
  x: builtInType('float8')!,
  ok: builtInType('bool')!,
  at: builtInType('timestamptz')!,
  t: builtInType('text')!,
  c: { ...builtInType('text')!, ordered: true },
  color: COLORS,
};
const NAMES = Object.keys(COLUMNS);

function check(where: string, params: readonly string[] = []) {
  return checkWhere(where, {
    schema: 'public',
    table: 'things',
    params,
    column(name) {
      if (name === 'doc') return 'unsupported';
      return Object.hasOwn(COLUMNS, name) ? { name, type: COLUMNS[name]! } : undefined;
    },
  });
}

beforeAll(loadGrammar);

describe('where-clauses', () => {
  it.each([
    ['n = 1 LIMIT 1', 1],
    ['n = 1 UNION SELECT 1', 1],
    ['n = 1; DROP TABLE things', 1],
    ['n = 1 GROUP BY n', 1],
    ['n = 1) OR (true', 6],
    ['doc = 1', 1],
    ['n = 1 AND nope = 2', 11],
    ['other.n = 1', 1],
    ['n = $1', 5],
    ['n + 1 = 2', 3],
    ["t LIKE 'a%'", 3],
    ["t < 'a'", 3],
    ["color < 'blue'", 7],
    ["color = 'green'", 9],
    ['n = 1.5', 5],
    ["n = '70000000000'", 5],
    ["id = 'not-a-uuid'", 6],
    ["at > '2026-01-01'", 6],
    ['n = ANY(ARRAY[1])', 3],
    ['n IN (SELECT 1)', 3],
    ['lower(t) = 1', 1],
    ['n::text = 1', 2],
    ['n = x', 3],
    ['1 = 1', 3],
    ['n BETWEEN 1 AND 2', 3],
  ])('refuses %j, naming its place', (where, position) => {
    let thrown: unknown;
    try {
      check(where);
    } catch (error) {
      thrown = error;
    }
    expect(isHaloError(thrown, 'where_unsupported')).toBe(true);
    if (isHaloError(thrown)) expect(thrown.details['position']).toBe(position);
  });

  it('invariant 8: a value stays a value, however it is written', () => {
    const hostile = `x' OR true --`;
    const condition = check('t = $1', [hostile]);
    expect(conditionSql(condition)).toBe(`("t" = 'x'' OR true --'::text)`);
    expect(quoteLiteral(`\\'`)).toBe(` E'\\\\'''`);
    expect(() => check('t = $1', ['a\0b'])).toThrow();
  });

  it('knows unknown: NULL makes neither a row nor its opposite', () => {
    const row = NAMES.map((name) => (name === 't' ? 'a' : null));
    const verdict = (where: string) => compilePredicate(check(where), (name) => NAMES.indexOf(name))(row);
    expect(verdict('n = 1')).toBe(null);
    expect(verdict('NOT n = 1')).toBe(null);
    expect(verdict(`n = 1 OR t = 'a'`)).toBe(true);
    expect(verdict(`n = 1 AND t = 'b'`)).toBe(false);
    expect(verdict(`t NOT IN ('b', NULL)`)).toBe(null);
    expect(verdict(`n IS NULL AND t IS NOT NULL`)).toBe(true);
    expect(verdict('ok')).toBe(null);
    expect(verdict('NULL')).toBe(null);
  });

  it('finds what a shape can be indexed by', () => {
    expect(equalitiesOf(check(`n > 1 AND t = 'a'`))).toEqual({ column: 't', values: ['a'] });
    expect(equalitiesOf(check(`t IN ('a', 'b') AND 7 = n`))).toEqual({ column: 'n', values: ['7'] });
    expect(equalitiesOf(check(`id = 'AAAAAAAA-0000-4000-8000-000000000000'`))?.values).toEqual([
      'aaaaaaaa-0000-4000-8000-000000000000',
    ]);
    for (const where of [`t = 'a' OR n = 1`, `NOT t = 'a'`, 'x = 0', `t <> 'a'`]) {
      expect(equalitiesOf(check(where))).toBe(null);
    }
  });

  it('reads times as Postgres prints them, beyond what Date can hold', () => {
    expect(parseTimestamp('1970-01-01 00:00:00+00')).toBe(0n);
    expect(parseTimestamp('2026-02-28T23:59:59.5+01:30')).toBe(
      BigInt(Date.UTC(2026, 1, 28, 22, 29, 59)) * 1000n + 500_000n,
    );
    expect(parseTimestamp('0001-01-01 00:00:00+00 BC')! < parseTimestamp('0001-01-01 00:00:00+00')!).toBe(
      true,
    );
    expect(parseTimestamp('infinity')! > parseTimestamp('294276-12-31 23:59:59.999999+00')!).toBe(true);
    for (const text of ['2026-02-29T00:00Z', '2026-01-01', '2026-01-01T24:00Z', 'now']) {
      expect(parseTimestamp(text)).toBe(undefined);
    }
    expect(canonicalText(builtInType('bool')!, 'o')).toBe(undefined);
  });
});
