import fc from 'fast-check';
import { expect, it } from 'vitest';
import { loadTableSchema } from '../../server/shape-engine/table-schema.ts';
import { checkWhere } from '../../server/shape-engine/where/check-where.ts';
import { conditionSql } from '../../server/shape-engine/where/condition-sql.ts';
import { loadGrammar } from '../../server/shape-engine/where/parse-where.ts';
import { compilePredicate } from '../../server/shape-engine/where/predicate.ts';
import { useTestDatabase } from '../support/database.ts';

/** Values of each column, awkward ones among them, and how clauses may write constants of its type. */
const COLUMNS = {
  a_id: {
    type: 'uuid',
    values: ['00000000-0000-4000-8000-000000000001', 'ffffffff-ffff-4fff-bfff-ffffffffffff'],
  },
  a_int2: { type: 'int2', values: ['-32768', '0', '7', '32767'] },
  a_int4: { type: 'int4', values: ['-1', '0', '7', '2147483647'] },
  a_int8: { type: 'int8', values: ['-9223372036854775808', '9007199254740993', '7'] },
  a_float: { type: 'float8', values: ['NaN', '-Infinity', 'Infinity', '-0', '0.1', '1e-300', '7'] },
  a_bool: { type: 'bool', values: ['true', 'false'] },
  a_time: {
    type: 'timestamptz',
    values: ['infinity', '2026-01-01T00:00:00.000001Z', '2025-12-31T23:00:00-01:00', '0044-03-15T12:00:00Z'],
  },
  a_text: { type: 'text', values: ['', 'a', 'A', 'å', "it''s", 'a\\b', '😀', '\uff5e'] },
  a_c: { type: 'text COLLATE "C"', values: ['', 'a', 'Z', 'å', '😀', '\uff5e', 'ab'] },
  a_varchar: { type: 'varchar(20)', values: ['a', 'a ', 'b'] },
  a_color: { type: 'color', values: ['red', 'green', 'blue'] },
} as const;
type Name = keyof typeof COLUMNS;
const NAMES = Object.keys(COLUMNS) as Name[];
const UNORDERED: readonly Name[] = ['a_text', 'a_varchar', 'a_color'];

const quoted = (text: string) => `'${text.replaceAll("''", "'").replaceAll("'", "''")}'`;
const constant = (name: Name) => fc.constantFrom(...COLUMNS[name].values).map(quoted);

const comparison: fc.Arbitrary<string> = fc.constantFrom(...NAMES).chain((name) => {
  const operators = UNORDERED.includes(name) ? ['=', '<>'] : ['=', '<>', '<', '<=', '>', '>='];
  return fc
    .tuple(fc.constantFrom(...operators), constant(name), fc.boolean())
    .map(([operator, value, flip]) =>
      flip ? `${value} ${operator} ${name}` : `${name} ${operator} ${value}`,
    );
});
const list: fc.Arbitrary<string> = fc
  .constantFrom(...NAMES)
  .chain((name) =>
    fc
      .tuple(
        fc.boolean(),
        fc.array(fc.oneof(constant(name), fc.constant('NULL')), { minLength: 1, maxLength: 3 }),
      )
      .map(([negated, values]) => `${name} ${negated ? 'NOT ' : ''}IN (${values.join(', ')})`),
  );
const leaf = fc.oneof(
  comparison,
  list,
  fc.constantFrom('a_bool', 'NOT a_bool', 'true', 'NULL', 'a_int2 < a_int8', 'a_int4 = a_int2', 'a_c <= a_c'),
  fc.constantFrom('a_int2 = 70000', 'a_int8 > 3000000000', 'a_float >= 0.1', 'a_float = 7', 'a_int4 <> -1'),
  fc.constantFrom(...NAMES).map((name) => `${name} IS NULL`),
  fc.constantFrom(...NAMES).map((name) => `${name} IS NOT NULL`),
);
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `(${a} AND ${b})`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `(${a} OR ${b})`),
    tie('expression').map((each) => `NOT (${each})`),
  ),
}));
const row = fc.tuple(
  ...NAMES.map((name) => fc.option(fc.constantFrom<string>(...COLUMNS[name].values), { freq: 3 })),
);

it('invariant 5: a condition has the verdict that Postgres gives it, on any row', async () => {
  await loadGrammar();
  const { pool } = await useTestDatabase({ migrate: false });
  const columns = NAMES.map((name) => `${name} ${COLUMNS[name].type}`).join(', ');
  await pool.query(`CREATE TYPE color AS ENUM ('red', 'green', 'blue')`);
  await pool.query(`CREATE TABLE things (${columns})`);
  await pool.query('ALTER TABLE things REPLICA IDENTITY FULL');
  const table = await loadTableSchema(pool, 'public', 'things');
  const scope = {
    schema: 'public',
    table: 'things',
    params: [],
    column(name: string) {
      const column = table.columns.find((each) => each.name === name);
      return column?.scalar ? { name, type: column.scalar } : undefined;
    },
  };
  const texts = NAMES.map((name) => `${name} || ''`);
  texts[NAMES.indexOf('a_bool')] = `CASE a_bool WHEN true THEN 't' WHEN false THEN 'f' END`;
  const property = fc.asyncProperty(
    fc.array(row, { minLength: 20, maxLength: 20 }),
    fc.array(expression, { minLength: 20, maxLength: 20 }),
    async (rows, expressions) => {
      await pool.query('TRUNCATE things');
      const values = rows.map((each) => {
        return `(${each.map((value) => (value === null ? 'NULL' : quoted(value))).join(', ')})`;
      });
      await pool.query(`INSERT INTO things VALUES ${values.join(', ')}`);
      const conditions = expressions.map((each) => checkWhere(each, scope));
      // What was asked and what we print from the tree: both must agree with our own verdict.
      const asked = [...expressions, ...conditions.map(conditionSql)].map((each) => `(${each})`);
      const result = await pool.query<(string | null | boolean)[]>({
        text: `SELECT ${[...texts, ...asked].join(', ')} FROM things`,
        rowMode: 'array',
      });
      const predicates = conditions.map((each) =>
        compilePredicate(each, (name) => NAMES.indexOf(name as Name)),
      );
      for (const given of result.rows) {
        const tuple = given.slice(0, NAMES.length) as (string | null)[];
        const verdicts = predicates.map((predicate) => predicate(tuple));
        expect([...verdicts, ...verdicts]).toEqual(given.slice(NAMES.length));
      }
    },
  );
  await fc.assert(property, { numRuns: 40 });
});
