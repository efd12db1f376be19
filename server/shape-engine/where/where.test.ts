import { beforeAll, describe, expect, it } from 'vitest';
import { isHaloError } from '../../platform/errors.ts';
import { canonicalText } from './constant.ts';
import { checkWhere } from './check-where.ts';
import { conditionSql, quoteLiteral } from './condition-sql.ts';
import { equalitiesOf } from './equalities.ts';
import { loadGrammar } from './parse-where.ts';
import { compilePredicate } from './predicate.ts';
import { C_COLLATION, arrayType, builtInType, opaqueType, textType } from './scalar-type.ts';
import type { ScalarType } from './scalar-type.ts';
import { electricWhereText } from './where-error.ts';
import { parseTimestamp } from './timestamp.ts';
import { UnknownLabel } from './unknown-label.ts';

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
  c: textType(C_COLLATION),
  d: builtInType('date')!,
  price: builtInType('numeric')!,
  ns: arrayType(builtInType('int4')!),
  doc: opaqueType('json'),
  json: builtInType('jsonb')!,
  span: builtInType('interval')!,
  clock: builtInType('time')!,
  short: builtInType('float4')!,
  blank: builtInType('bpchar')!,
  bytes: builtInType('bytea')!,
  color: COLORS,
};
const NAMES = Object.keys(COLUMNS);

function check(where: string, params: readonly string[] = []) {
  return checkWhere(where, {
    schema: 'public',
    table: 'things',
    params,
    column(name) {
      if (name === 'composite') return 'unsupported';
      return Object.hasOwn(COLUMNS, name) ? { name, type: COLUMNS[name]! } : undefined;
    },
  });
}

beforeAll(loadGrammar);

describe('where-clauses', () => {
  it.each([
    ['n = 1 LIMIT 1', null],
    ['n = 1 UNION SELECT 1', null],
    ['n = 1; DROP TABLE things', null],
    ['n = 1 GROUP BY n', null],
    ['n = 1) OR (true', 6],
    ['doc = 1', 5],
    ["doc = '{}'", 5],
    ['doc = doc', 5],
    ['composite IS NULL', 1],
    ['n = 1 AND nope = 2', 11],
    ['other.n = 1', 1],
    ['n = $1', 5],
    ["t ~ 'a'", 3],
    ["t < 'a'", 3],
    ["color < 'blue'", 7],
    ["color = 'green'", 9],
    ["n = '1.5'", 5],
    ["n = '70000000000'", 5],
    ["id = 'not-a-uuid'", 6],
    ["at > '2026-02-30'", 6],
    ["n + '1 day' = 2", 5],
    ["'1' + '1' = n", 5],
    ['price / x / at = 1', 11],
    ["ns @> '{a}'", 7],
    ["n = ANY(ARRAY['1'])", 3],
    ['ns = ARRAY[1.5]', 4],
    ['ns[1:2][1] = ns', 1],
    ["t = 'åä😀' AND n = $1", 19],
    ["t = 'åä😀' AND n = = 1", 19],
    ["json < '1'", 6],
    ["json = '{a: 1}'", 8],
    [`json = '"\\u0000"'`, 8],
    [`json = '"\\ud800"'`, 8],
    ["json = '01'", 8],
    ["json @> '1'", 6],
    ["json::text = '1'", 1],
    ['n ^ 2 = 4', 3],
    ['n << 32 = 1', 3],
    ['n << n = 1', 3],
    ['n >> -1 = 1', 3],
    ["span * 1.5 = '1 day'", 6],
    ["span / 2 = '1 day'", 6],
    ["span = '1.5 days'", 8],
    ["span = '1 day ago'", 8],
    ["span = 'infinity'", 8],
    ["span = '1 day 1 day'", 8],
    ["d + '1 day' = d", 5],
    ['clock + clock = clock', 7],
    ["at AT TIME ZONE 'Europe/Stockholm' > '2026-01-01'", 4],
    ['coalesce(short, n) = 1', 1],
    ['short IN (0.1, 0.2)', 1],
    ['big::float4 = 1', 1],
    // Halfway between two of them.
    ["short = '16777217'", 9],
    ["short = '1e39'", 9],
    ['blank = t', 7],
    ["blank LIKE 'a%'", 7],
    ["bytes = 'abc'", 9],
    ['bytes || bytes = bytes', 7],
    ['(n, big) = (1, 2, 3)', 10],
    ['(n, big) = 1', 1],
    ['(n, big) BETWEEN (1, 2) AND (3, 4)', 18],
    ["(n, t) < (1, 'a')", 8],
    ["ns || 'x' = ns", 7],
    ["array_append(ns, 'x') = ns", 18],
    ['array_append(ns, 1.5) = ns', 1],
    ["timezone('UTC', clock) = clock", 1],
    ['n = ANY(SELECT 1)', 16],
    ['n IN (SELECT 1)', 14],
    ['lower(c) = 1', 10],
    ['lower(t) = $1', 1],
    ["t ILIKE 'a'", 3],
    ['x::numeric = 1', 1],
    ['t::int = 1', 1],
    ['n::nope = 1', 4],
    ['n::varchar(1) = $1', 4],
    ['n = t', 3],
    ['now() > at', 1],
    ['count(*) > 1', 1],
    ['CASE WHEN ok THEN true END', 1],
    ['n OPERATOR(pg_catalog.=) 1', 3],
  ])('refuses %j, naming its place', (where, position) => {
    let thrown: unknown;
    try {
      check(where);
    } catch (error) {
      thrown = error;
    }
    expect(isHaloError(thrown, 'where_unsupported')).toBe(true);
    if (isHaloError(thrown)) expect(thrown.details['position'] ?? null).toBe(position);
  });

  it('invariant 8: a value stays a value, however it is written', () => {
    const hostile = `x' OR true --`;
    const condition = check('t = $1', [hostile]);
    expect(conditionSql(condition)).toBe(`("t" = 'x'' OR true --'::text)`);
    expect(quoteLiteral(`\\'`)).toBe(` E'\\\\'''`);
    expect(() => check('t = $1', ['a\0b'])).toThrow();
  });

  it('gives one text to one meaning, and Electric’s words to what it refuses too', () => {
    expect(conditionSql(check("n  =  $1 AND at<'2026-01-01'", ['+01']))).toBe(
      `(("n" = '1'::int4) AND ("at" < '2026-01-01 00:00:00+00'::timestamptz))`,
    );
    const text = (where: string) => {
      try {
        return conditionSql(check(where));
      } catch (error) {
        return isHaloError(error) ? electricWhereText(error) : error;
      }
    };
    expect(text("n = 'x'")).toBe('At location 4: invalid syntax for type int4: x');
    expect(text('n = $1')).toBe('At location 4: parameter $1 was not provided');
    expect(text('n =')).toBe('At location 18: syntax error at end of input');
    expect(text('n::nope = 1')).toBe('At location 3: unsupported type nope');
    expect(text("at::uuid = '1'")).toBe('At location 0: unknown cast from type timestamptz to type uuid');
    expect(text('n = t')).toBe('At location 2: Could not select an operator overload');
    expect(text("t ~ '^a'")).toBe('At location 2: unknown binary operator "~"');
    expect(text('length(t) > 5')).toBe('At location 0: unknown or unsupported function length/1');
    expect(text("color = 'nope'")).toBe('At location 8: invalid syntax for type enum color: nope');
    expect(text('count(*) > 1')).toBe('At location 0: aggregation is not supported in this context');
    expect(text("t SIMILAR TO 'a%'")).toBe(
      'At location 2: unknown or unsupported function similar_to_escape/1',
    );
    expect(text('n')).toBe('WHERE clause must return a boolean');
    expect(text('n > 1 LIMIT 1')).toBe('malformed query ending with SQL clauses');
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

  it('prints what it has understood, for Postgres and for a shape’s identity', () => {
    const printed = (where: string) => conditionSql(check(where));
    expect(printed("at - '1 day 02:00'::interval < at")).toBe(`(("at" - 'P1DT2H'::interval) < "at")`);
    expect(printed('(n, big) < (1, 2)')).toBe(
      `(("n" < '1'::int4) OR ((("n" = '1'::int4) IS TRUE) AND ("big" < '2'::int8)))`,
    );
    expect(printed('ns[:2] || n = ns[2:]')).toBe(`(((("ns")[:'2'::int4]) || "n") = (("ns")['2'::int4:]))`);
  });

  it('ends with a label that came after it was checked, whatever its other parts say', () => {
    const row = NAMES.map((name) => (name === 'color' ? 'green' : null));
    const predicate = compilePredicate(check("color = 'red' OR n IS NULL"), (name) => NAMES.indexOf(name));
    expect(() => predicate(row)).toThrow(UnknownLabel);
  });

  it('finds what a shape can be indexed by', () => {
    expect(equalitiesOf(check(`n > 1 AND t = 'a'`))).toEqual({ column: 't', values: ['a'] });
    expect(equalitiesOf(check(`t IN ('a', 'b') AND 7 = n`))).toEqual({ column: 'n', values: ['7'] });
    expect(equalitiesOf(check(`id = 'AAAAAAAA-0000-4000-8000-000000000000'`))?.values).toEqual([
      'aaaaaaaa-0000-4000-8000-000000000000',
    ]);
    expect(equalitiesOf(check(`t = ANY('{a,b}') AND ok`))).toEqual({ column: 'ok', values: ['t'] });
    expect(equalitiesOf(check('n = ANY($1)', ['{1, 2}']))).toEqual({ column: 'n', values: ['1', '2'] });
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
    for (const text of ['2026-02-29T00:00Z', '2026-1-1', '2026-01-01T24:00Z', '294277-01-01Z', 'now']) {
      expect(parseTimestamp(text)).toBe(undefined);
    }
    expect(canonicalText(builtInType('bool')!, 'o')).toBe(undefined);
    expect(canonicalText(builtInType('timestamptz')!, '0044-03-15T12:00:00.50+01:00 BC')).toBe(
      '0044-03-15 11:00:00.5+00 BC',
    );
    expect(
      canonicalText(
        builtInType('jsonb')!,
        ` {"bb":[1.50,-0.0,1e2],"a":"\\u00e9\\n","bb":{"2":null,"10":true,"1":{}}}`,
      ),
    ).toBe('{"a": "é\\n", "bb": {"1": {}, "2": null, "10": true}}');
    expect(canonicalText(builtInType('jsonb')!, '[1.50,-0.0,1e2,100,1E-3]')).toBe(
      '[1.5, 0, 100, 100, 0.001]',
    );
    expect(canonicalText(builtInType('date')!, '5874897-12-31')).toBe('5874897-12-31');
  });
});
