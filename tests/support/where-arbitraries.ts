import fc from 'fast-check';
import { COLUMNS } from './where-columns.ts';
import type { ColumnName } from './where-columns.ts';

/** A string constant of SQL. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

type Text = fc.Arbitrary<string>;
const literal = (...names: ColumnName[]): Text =>
  fc.constantFrom(...names).chain((name) => fc.constantFrom<string>(...COLUMNS[name].values).map(quoted));
const infix = (a: Text, operators: readonly string[], b: Text): Text =>
  fc.tuple(a, fc.constantFrom(...operators), b).map(([x, operator, y]) => `(${x} ${operator} ${y})`);
const call = (name: string, ...args: Text[]): Text =>
  fc.tuple(...args).map((each) => `${name}(${each.join(', ')})`);
const prefix = (operators: readonly string[], a: Text): Text =>
  fc.tuple(fc.constantFrom(...operators), a).map(([operator, x]) => `(${operator} ${x})`);
const cast = (a: Text, ...types: string[]): Text =>
  fc.tuple(a, fc.constantFrom(...types)).map(([x, type]) => `(${x})::${type}`);

const ORDER = ['=', '<>', '<', '<=', '>', '>='];
const EQUALITY = ['=', '<>', '!='];

/** Verdicts over values that can be compared with each other, in every form. */
function verdictsOn(a: Text, operators: readonly string[], ordered: boolean): Text[] {
  const list = fc.array(fc.oneof(a, fc.constant('NULL')), { minLength: 1, maxLength: 3 });
  const negation = fc.constantFrom('', 'NOT ');
  return [
    infix(a, operators, a),
    infix(
      a,
      ['IS DISTINCT FROM', 'IS NOT DISTINCT FROM'],
      fc.oneof({ weight: 4, arbitrary: a }, { weight: 1, arbitrary: fc.constant('NULL') }),
    ),
    fc.tuple(a, negation, list).map(([x, not, items]) => `(${x} ${not}IN (${items.join(', ')}))`),
    fc.tuple(a, negation).map(([x, not]) => `(${x} IS ${not}NULL)`),
    ...(ordered
      ? [
          fc
            .tuple(a, negation, fc.constantFrom('', 'SYMMETRIC '), a, a)
            .map(([x, not, how, low, high]) => `(${x} ${not}BETWEEN ${how}${low} AND ${high})`),
        ]
      : []),
  ];
}

/** Clauses of every kind, nested. */
export const clauseArbitrary: Text = fc.letrec<Record<string, string>>((tie) => {
  const integer: Text = tie('integer');
  const numeric: Text = tie('numeric');
  const float: Text = tie('float');
  const c: Text = tie('c');
  const text: Text = tie('text');
  const date: Text = tie('date');
  const moment: Text = tie('moment');
  const ints: Text = tie('ints');
  const texts: Text = tie('texts');
  const verdict: Text = tie('verdict');
  const single: Text = tie('single');
  const span: Text = tie('span');
  const clock: Text = tie('clock');
  const blank: Text = fc.constantFrom('a_blank', `'a'::bpchar`, `'ab  '::bpchar`);
  const deep = { maxDepth: 3, depthSize: 'small' as const };
  const extremes = (a: Text) => [call('coalesce', a, a), call('greatest', a, a), call('least', a, a, a)];
  return {
    integer: fc.oneof(
      deep,
      fc.constantFrom('a_int2', 'a_int4', 'b_int4', 'a_int8', '0', '1', '-1', '2', '70000', '3000000000'),
      infix(integer, ['+', '-', '*', '/', '%', '&', '|', '#'], integer),
      prefix(['-', '+', '@', '~'], integer),
      infix(
        fc.oneof(integer, fc.constant('a_few')),
        ['<<', '>>'],
        fc.constantFrom('0', '1', '7', '15', '31', `'3'`),
      ),
      cast(fc.oneof(integer, numeric, float), 'int2', 'int4', 'int8'),
      fc.constantFrom(
        `a_int2 + '3'`,
        `'7'::int2`,
        'a_bool::int',
        `(a_date - '2026-01-01')`,
        '(a_date - a_date)',
      ),
      ...extremes(integer),
      call('cardinality', fc.oneof(ints, texts)),
      call('array_ndims', ints),
      call('array_length', ints, fc.constantFrom('1', '2', '0', 'b_int4')),
      fc.tuple(ints, fc.constantFrom('0', '1', '2', 'b_int4')).map(([a, i]) => `(${a})[${i}]`),
    ),
    numeric: fc.oneof(
      deep,
      fc.constantFrom('a_num', 'b_num', '1.5', '0.0', '.5', '1e0', `'NaN'::numeric`, '99999999999999999999'),
      infix(fc.oneof(numeric, integer), ['+', '-', '*', '/', '%', '/'], numeric),
      infix(numeric, ['/', '%'], integer),
      prefix(['-', '+', '@'], numeric),
      cast(integer, 'numeric'),
      ...extremes(numeric),
    ),
    float: fc.oneof(
      deep,
      fc.constantFrom('a_float', 'b_float', `'-0'::float8`, `'1e308'::float8`, `'infinity'::float8`),
      infix(float, ['+', '-', '*', '/'], fc.oneof(float, integer, numeric)),
      prefix(['-', '+', '@', '|/'], float),
      cast(fc.oneof(integer, numeric, single), 'float8'),
      infix(single, ['+', '-', '*', '/'], fc.oneof(float, integer, numeric)),
      ...extremes(float),
    ),
    single: fc.oneof(
      deep,
      fc.constantFrom('a_single', 'b_single', `'0.1'::float4`, `'-0'::float4`, `0.30000001::float4`),
      infix(single, ['+', '-', '*', '/'], fc.oneof(single, literal('b_single'))),
      prefix(['-', '+', '@'], single),
      cast(fc.oneof(float, fc.constantFrom('a_int4', 'a_int2')), 'float4'),
      ...extremes(single),
    ),
    span: fc.oneof(
      deep,
      fc.constantFrom(
        'a_span',
        'b_span',
        `interval '1 month'`,
        `'2 days 03:04:05.6'::interval`,
        `interval 'P-1Y2M3DT-4H'`,
        `'-1.5 seconds'::interval`,
        `interval '1 week'`,
      ),
      infix(span, ['+', '-'], fc.oneof(span, literal('b_clock'), clock)),
      prefix(['-'], span),
      infix(span, ['*'], fc.oneof(integer, fc.constantFrom('2', '-3', '0'))),
      infix(fc.constantFrom('a_int2', 'b_int4', '5'), ['*'], span),
      fc.oneof(call('justify_hours', span), call('justify_days', span), call('justify_interval', span)),
      infix(moment, ['-'], fc.oneof(fc.constantFrom('a_time', 'a_stamp'), literal('a_stamp'))),
      infix(clock, ['-'], fc.oneof(clock, literal('a_clock'))),
      cast(clock, 'interval'),
      ...extremes(span),
    ),
    clock: fc.oneof(
      deep,
      fc.constantFrom('a_clock', 'b_clock', `time '23:00'`),
      infix(clock, ['+', '-'], fc.oneof(span, span, fc.constant(`interval '1 hour'`))),
      infix(span, ['+'], clock),
      cast(fc.oneof(span, fc.constantFrom('a_time', 'a_stamp')), 'time'),
      ...extremes(clock),
    ),
    c: fc.oneof(
      deep,
      fc.constantFrom('a_c', 'b_c', 'a_word', 'lower(b_blank)', `(b_blank || 'x')`),
      infix(c, ['||'], fc.oneof(c, text, integer, literal('a_c', 'b_c'))),
      call('lower', c),
      call('upper', c),
      ...extremes(fc.oneof(c, c, literal('a_c'))).map((each) => infix(each, ['||'], fc.constant('a_c'))),
    ),
    text: fc.oneof(
      deep,
      fc.constantFrom('a_varchar', `'a'::text`),
      cast(fc.oneof(integer, numeric, moment), 'text'),
      fc.constantFrom('a_id::text', 'a_color::text', 'a_bool::text', 'a_clock::text'),
      infix(text, ['||'], fc.oneof(text, integer, literal('a_c'))),
      call('coalesce', text, text),
    ),
    date: fc.oneof(
      deep,
      fc.constantFrom('a_date', `date '2026-01-01'`),
      infix(date, ['+', '-'], fc.constantFrom('a_int2', 'b_int4', '1', '400', 'a_int4')),
      infix(fc.constantFrom('b_int4', '1'), ['+'], date),
      cast(moment, 'date'),
      ...extremes(date),
    ),
    moment: fc.oneof(
      deep,
      fc.constantFrom('a_time', 'a_stamp', `'2026-01-01 10:00'::timestamp`, `timestamptz '2026-01-01'`),
      date,
      cast(moment, 'timestamp', 'timestamptz'),
      infix(moment, ['+', '-'], fc.oneof(span, span, clock)),
      infix(fc.oneof(span, clock), ['+'], moment),
      infix(fc.constantFrom('a_time', 'a_stamp'), ['+'], fc.constantFrom(`'1 month'`, `'-1 day 02:00'`)),
      fc.tuple(moment, fc.constantFrom('UTC', 'utc')).map(([x, zone]) => `(${x} AT TIME ZONE '${zone}')`),
      ...extremes(moment),
    ),
    ints: fc.oneof(
      deep,
      fc.constantFrom(
        'a_ints',
        'b_ints',
        'ARRAY[a_int4, b_int4]',
        'ARRAY[1, NULL, 7]',
        `'{1, 2}'::int[]`,
        'ARRAY[]::int4[]',
        'NULL::int4[]',
        'a_numbers::int4[]',
        'a_numbers',
      ),
      infix(
        ints,
        ['||'],
        fc.oneof(ints, literal('b_ints'), fc.constantFrom('a_int4', 'b_int4', 'a_int2', '7', 'NULL')),
      ),
      infix(fc.constantFrom('a_int4', '7', `'{7}'`), ['||'], ints),
      call('array_append', ints, fc.constantFrom('a_int4', `'7'`, 'NULL')),
      call('array_prepend', fc.constantFrom('b_int4', `'7'`, 'NULL'), ints),
      call('array_cat', ints, fc.oneof(ints, literal('a_ints'))),
      fc
        .tuple(ints, fc.constantFrom('', '0', '1', '2', 'b_int4'), fc.constantFrom('', '1', '2', 'a_int2'))
        .map(([a, from, to]) => `(${a})[${from}:${to}]`),
      ...extremes(ints),
    ),
    texts: fc.oneof(
      deep,
      fc.constantFrom('a_texts', 'ARRAY[a_c, b_c]', `ARRAY['a', 'å']`, `ARRAY['a', NULL]::text[]`),
      infix(texts, ['||'], fc.oneof(texts, literal('a_texts'), fc.constantFrom('a_c', 'NULL'))),
      call('array_append', texts, fc.constantFrom('a_c', `'å'`)),
    ),
    row: fc.tuple(integer, c, fc.oneof(fc.constant('a_num'), integer)).map((each) => `(${each.join(', ')})`),
    verdict: fc.oneof(
      deep,
      ...verdictsOn(fc.oneof(ints, literal('b_ints')), ORDER, true),
      ...verdictsOn(fc.oneof(texts, literal('a_texts')), ORDER, true),
      infix(fc.oneof(ints, literal('b_ints')), ['@>', '<@', '&&'], ints),
      infix(texts, ['@>', '<@', '&&'], fc.oneof(texts, literal('a_texts'))),
      fc.constantFrom(
        `'b' = ANY(a_chars)`,
        `a_chars @> '{a}'`,
        `a_chars = '{a,b}'`,
        `b_blank <> ALL(a_chars)`,
      ),
      fc.constantFrom(
        `a_bytes = ANY(a_blobs)`,
        `a_blobs && ARRAY['\\xff'::bytea]`,
        `a_blobs > '{}'`,
        `a_numbers[1] = 1`,
        `7 = ANY(a_numbers)`,
      ),
      fc.constantFrom(
        `a_spans @> '{"1 mon"}'`,
        'a_span = ANY(a_spans)',
        'a_spans < a_spans',
        'a_few = ANY(a_ints)',
      ),
      fc.constantFrom(
        `a_colors @> '{red}'`,
        `a_color > ANY(a_colors)`,
        `'red'::color < a_color`,
        `a_colors < '{green}'`,
        `a_color = ANY(a_colors)`,
        `a_color = ANY('{red,blue}')`,
      ),
      fc.constantFrom(
        `0 = ANY(a_floats)`,
        `a_floats = '{0,NaN}'`,
        `a_float <> ALL(a_floats)`,
        `a_floats && '{0}'`,
      ),
      fc
        .tuple(
          fc.oneof(integer, literal('a_int4')),
          fc.constantFrom(...ORDER),
          fc.constantFrom('ANY', 'ALL', 'SOME'),
          fc.oneof(ints, ints, fc.constantFrom(`'{1,7,NULL}'`, 'NULL', `'{}'`)),
        )
        .map(([x, operator, which, array]) => `(${x} ${operator} ${which} (${array}))`),
      fc
        .tuple(c, fc.constantFrom(...ORDER, 'LIKE', 'NOT LIKE'), fc.constantFrom('ANY', 'ALL'), texts)
        .map(([x, operator, which, array]) => `(${x} ${operator} ${which} (${array}))`),
      ...verdictsOn(fc.oneof(integer, literal('a_int4')), ORDER, true),
      ...verdictsOn(fc.oneof(numeric, integer, literal('a_num')), ORDER, true),
      ...verdictsOn(fc.oneof(float, numeric, integer, literal('a_float')), ORDER, true),
      ...verdictsOn(fc.oneof(c, c, literal('a_c')), ORDER, true),
      ...verdictsOn(fc.oneof(text, literal('a_text')), ['=', '<>'], false),
      ...verdictsOn(fc.oneof(moment, literal('a_date')), ORDER, true),
      ...verdictsOn(fc.oneof(clock, literal('a_clock')), ORDER, true),
      ...verdictsOn(fc.oneof(span, span, literal('b_clock')), ORDER, true),
      ...verdictsOn(fc.oneof(single, literal('a_single')), ORDER, true),
      infix(single, ORDER, fc.oneof(float, integer, numeric)),
      infix(fc.oneof(float, integer, numeric), ORDER, single),
      ...verdictsOn(fc.oneof(fc.constant('a_zoned'), literal('a_zoned', 'a_clock')), ORDER, true),
      ...verdictsOn(fc.oneof(fc.constant('b_blank'), literal('b_blank'), fc.constant(`'a   '`)), ORDER, true),
      ...verdictsOn(fc.oneof(blank, literal('a_blank')), ['=', '<>'], false),
      ...verdictsOn(
        fc.oneof(fc.constantFrom('a_json', 'b_json'), literal('a_json', 'b_json')),
        EQUALITY,
        false,
      ),
      infix(fc.constantFrom('a_json', 'b_json'), EQUALITY, literal('a_json', 'b_json')),
      fc.constantFrom(`a_json = ANY(a_jsons)`, `a_jsons @> ARRAY['1'::jsonb]`, `a_json <> ALL(a_jsons)`),
      ...verdictsOn(fc.oneof(fc.constant('a_bytes'), literal('a_bytes')), ORDER, true),
      ...verdictsOn(fc.oneof(fc.constant('a_shade::color'), literal('a_shade')), ORDER, true),
      infix(tie('row'), ORDER, tie('row')),
      infix(tie('row'), ['IS DISTINCT FROM', 'IS NOT DISTINCT FROM'], tie('row')),
      fc
        .tuple(tie('row'), fc.constantFrom('', 'NOT '), fc.array(tie('row'), { minLength: 1, maxLength: 3 }))
        .map(([x, not, items]) => `(${x} ${not}IN (${items.join(', ')}))`),
      ...verdictsOn(fc.oneof(fc.constant('a_id'), literal('a_id')), ORDER, true),
      ...verdictsOn(
        fc.oneof(fc.constantFrom('a_color', `'green'::color`), literal('a_color')),
        [...ORDER, '!='],
        true,
      ),
      ...verdictsOn(
        fc.oneof(fc.constantFrom('a_text', `'a'`, 'a_varchar'), literal('a_text')),
        EQUALITY,
        false,
      ),
      ...verdictsOn(fc.oneof(verdict, fc.constant('a_bool')), ORDER, true),
      infix(fc.oneof(c, text), ['LIKE', 'NOT LIKE'], fc.oneof(literal('b_c'), c, text)),
      infix(
        fc.oneof(
          call('lower', fc.constant('a_plain')),
          call('upper', fc.constant('a_plain')),
          fc.constant('a_plain'),
        ),
        ['=', '<', '>', 'LIKE', 'ILIKE', 'NOT ILIKE'],
        fc.oneof(
          literal('a_plain'),
          call(
            'upper',
            literal('a_plain').map((x) => `(${x} || a_plain)`),
          ),
        ),
      ),
      infix(c, ['ILIKE', 'NOT ILIKE'], fc.oneof(literal('b_c'), c)),
      infix(
        c,
        ['LIKE', 'ILIKE'],
        fc.constantFrom(`'a!%' ESCAPE '!'`, `'%\\%' ESCAPE ''`, `'%x%' ESCAPE 'x'`),
      ),
      fc.constantFrom('a_bool', 'NOT a_bool', 'true', 'NULL::bool', 'a_doc IS NULL', 'a_int4::bool', '1 = 1'),
      fc
        .tuple(verdict, fc.constantFrom('TRUE', 'FALSE', 'UNKNOWN'), fc.constantFrom('', 'NOT '))
        .map(([x, what, not]) => `(${x} IS ${not}${what})`),
      infix(verdict, ['AND', 'OR'], verdict),
      infix(verdict, ['AND', 'OR'], verdict),
      verdict.map((x) => `(NOT ${x})`),
    ),
  };
}).verdict as Text;
