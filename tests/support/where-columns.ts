import fc from 'fast-check';

/** A column of the differential test: awkward values, and where others come from. */
interface ColumnKind {
  readonly type: string;
  readonly values: readonly string[];
  readonly others?: fc.Arbitrary<string>;
}

const DAY_MS = 86_400_000;
const text = fc.string({ unit: 'grapheme', maxLength: 4 });
const moment = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString());
const numeric = fc
  .tuple(fc.bigInt({ min: -(10n ** 26n), max: 10n ** 26n }), fc.integer({ min: -30, max: 5 }))
  .map(([digits, exponent]) => `${digits}e${exponent}`);
const interval = fc
  .tuple(
    fc.integer({ min: -40, max: 40 }),
    fc.integer({ min: -100, max: 100 }),
    fc.integer({ min: -3 * DAY_MS, max: 3 * DAY_MS }),
  )
  .map(([months, days, milliseconds]) => `${months} mons ${days} days ${milliseconds} milliseconds`);
const float = fc.double().map(String);
const single = fc.float().map(String);
const integer = (bits: 16 | 32) =>
  fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 }).map(String);

/** Columns of every type that conditions know, with values at the edges. */
export const COLUMNS = {
  a_id: {
    type: 'uuid',
    values: ['00000000-0000-4000-8000-000000000001', 'ffffffff-ffff-4fff-bfff-ffffffffffff'],
  },
  a_int2: { type: 'int2', others: integer(16), values: ['-32768', '-1', '0', '7', '32767'] },
  a_int4: { type: 'int4', others: integer(32), values: ['-2147483648', '-1', '0', '1', '7', '2147483647'] },
  b_int4: { type: 'int4', others: integer(32), values: ['-6', '0', '2', '3', '65536'] },
  a_int8: {
    type: 'int8',
    others: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    values: ['-9223372036854775808', '9007199254740993', '0', '7', '9223372036854775807'],
  },
  a_num: {
    type: 'numeric',
    others: numeric,
    values: ['NaN', 'Infinity', '-Infinity', '0', '0.00', '-1.5', '2.50', '1e20', '1e-30'],
  },
  a_float: {
    type: 'float8',
    others: float,
    values: ['NaN', '-Infinity', 'Infinity', '-0', '0.1', '1e-300', '7', '2.5', '1e300', '-0.5'],
  },
  b_float: { type: 'float8', others: float, values: ['0', '3', '0.30000000000000004', '1e200', '4e-320'] },
  a_bool: { type: 'bool', values: ['true', 'false'] },
  a_time: {
    type: 'timestamptz',
    others: moment,
    values: [
      'infinity',
      '-infinity',
      '2026-01-01T00:00:00.000001Z',
      '2025-12-31T23:00:00-01:00',
      '0044-03-15T12:00:00Z',
      '0001-12-31 23:59:59.5+00 BC',
      '294276-12-31 23:59:59.999999+00',
    ],
  },
  a_stamp: {
    type: 'timestamp',
    others: moment,
    values: ['infinity', '2026-01-01 00:00:00', '1969-12-31 23:59:59.9', '4713-01-01 00:00 BC'],
  },
  a_date: {
    type: 'date',
    others: moment,
    values: ['infinity', '-infinity', '2026-01-01', '2024-02-29', '5874897-12-31', '0001-01-01 BC'],
  },
  a_clock: { type: 'time', values: ['00:00', '23:59:59.999999', '24:00:00', '12:30:00.5'] },
  a_text: {
    type: 'text COLLATE "und-x-icu"',
    others: text,
    values: ['', 'a', 'A', 'å', "it's", 'a\\b', 'a%b', '😀', '\uff5e', 'ab', '7', 'red'],
  },
  a_c: {
    type: 'text COLLATE "C"',
    others: text,
    values: ['', 'a', 'Z', 'å', 'Å', '😀', '\uff5e', 'ab', 'a_c', 'aXb%', 'x\\', '\\'],
  },
  b_c: {
    type: 'text COLLATE "C"',
    others: text,
    values: ['%', 'a%', '_', '%b', '__', '\\%', 'a\\', '%\\', 'Ab', '%a%b%', 'å%', '\u212a'],
  },
  a_plain: {
    type: 'text',
    others: text,
    values: ['', 'a', 'ABc', 'Å', 'ß', 'İ', 'ı', 'K', 'Σς', '😀', '𐐀', 'ǅ', 'ﬁ', 'é%'],
  },
  a_varchar: { type: 'varchar(20)', values: ['a', 'a ', 'b', 'B'] },
  a_color: { type: 'color', values: ['red', 'green', 'blue'] },
  a_ints: {
    type: 'int4[]',
    values: ['{}', '{1}', '{7,NULL,0}', '{NULL}', '{{1,2},{7,0}}', '[0:1]={7,7}', '{2,1,0}', '{-2147483648}'],
  },
  b_ints: { type: 'int4[]', values: ['{}', '{1}', '{7,7}', '{0,NULL}', '{1,2,7,0}'] },
  a_texts: {
    type: 'text[] COLLATE "C"',
    values: ['{}', '{a}', '{"",NULL,"null"}', '{"a b","c,d","e\\"f","\\\\"}', '{å,😀}', '{"a{"}', '{a,ab}'],
  },
  a_colors: { type: 'color[]', values: ['{red,blue}', '{}', '{NULL}'] },
  a_floats: { type: 'float8[]', values: ['{-0}', '{0,NaN}', '{Infinity,0.1}'] },
  b_num: {
    type: 'numeric',
    others: numeric,
    values: ['3', '-7.25', '0.0003', '12345678901234567890.5', '0', 'Infinity', '9999', '10000.0', '-0.07'],
  },
  a_single: {
    type: 'float4',
    others: single,
    values: ['NaN', '-Infinity', '-0', '0.1', '16777216', '1e-45', '3.4e38', '2.5', '-0.3', '7'],
  },
  b_single: { type: 'float4', others: single, values: ['0', '3', '0.2', '1e-30', '16777215'] },
  a_span: {
    type: 'interval',
    others: interval,
    values: [
      '0',
      '1 month',
      '30 days',
      '-1 mon 1 day',
      '1 day -00:00:01.5',
      '36:00',
      '-infinity',
      '170000000 years',
      '-2147483648 days',
      '2147483647 days 2562047788:00',
      '-13 mons -35 days 50:00',
    ],
  },
  b_span: {
    type: 'interval',
    others: interval,
    values: ['-1 day', '0.000001 sec', '1 year 2 mons 3 days', '23:59:60', 'infinity'],
  },
  b_clock: { type: 'time', values: ['00:00:01', '18:00', '23:59'] },
  a_zoned: {
    type: 'timetz',
    values: [
      '12:00+00',
      '14:00+02',
      '10:00-02:00',
      '24:00:00-15:59:59',
      '00:00:00.000001+05:30',
      '12:00:01+00',
    ],
  },
  a_blank: { type: 'char(4)', values: ['', 'a', 'ab', 'å', 'A  b', '😀'] },
  b_blank: { type: 'char(2) COLLATE "C"', values: ['', 'a', 'ab', 'Z'] },
  a_bytes: { type: 'bytea', values: ['\\x', '\\x00', '\\xff', '\\xff00', '\\x5c27'] },
  a_few: { type: 'fewer', values: ['-2147483648', '0', '7', '1'] },
  a_word: { type: 'word', values: ['', 'a', 'Z', 'å', 'ab'] },
  a_shade: { type: 'shade', values: ['red', 'green', 'blue'] },
  a_spans: { type: 'interval[]', values: ['{1 mon,30 days}', '{}', '{NULL,-1 day}'] },
  a_chars: { type: 'char(3)[]', values: ['{a,"b  "}', '{"",NULL}', '{ab}', '{}'] },
  a_blobs: { type: 'bytea[]', values: ['{"\\\\x00","\\\\xff"}', '{NULL}', '{"\\\\x"}'] },
  a_numbers: { type: 'numbers', values: ['{1,7}', '{}', '{NULL,0}', '{{1,2},{3,4}}'] },
  a_json: {
    type: 'jsonb',
    values: [
      '{}',
      'null',
      '1.0',
      '1',
      '[1]',
      '{"a":1,"bb":[1.50]}',
      '"å\\n\\"1.0"',
      '-0',
      '{"1.0":"1.0"}',
      '[]',
    ],
    others: fc.json(),
  },
  b_json: {
    type: 'jsonb',
    values: [
      '{}',
      '1.00',
      '1e0',
      '{"bb": [1.5], "a": 2, "a": 1.0}',
      '"å\\u000a\\u00221.0"',
      '0.0',
      '[1.0]',
      '[[]]',
    ],
    others: fc.json({ maxDepth: 1 }),
  },
  a_jsons: { type: 'jsonb[]', values: ['{1.0,null}', '{NULL}', '{"{\\"a\\": 1.0}"}'] },
  a_doc: { type: 'json', values: ['{}', 'null'] },
} as const satisfies Readonly<Record<string, ColumnKind>>;

export type ColumnName = keyof typeof COLUMNS;
export const COLUMN_NAMES = Object.keys(COLUMNS) as ColumnName[];

/** Rows: a value of each column, or NULL. */
export const rowArbitrary = fc.tuple(
  ...COLUMN_NAMES.map((name) => fc.option(valueOf(COLUMNS[name]), { freq: 5 })),
);

function valueOf({ values, others }: ColumnKind): fc.Arbitrary<string> {
  const edges = fc.constantFrom(...values);
  return others === undefined ? edges : fc.oneof({ arbitrary: edges, weight: 2 }, others);
}
