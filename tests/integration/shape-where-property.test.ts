import fc from 'fast-check';
import pg from 'pg';
import { expect, it } from 'vitest';
import { isHaloError } from '../../server/platform/errors.ts';
import { scopeOf } from '../../server/shape-engine/resolve-shape.ts';
import { loadTableSchema } from '../../server/shape-engine/table-schema.ts';
import { checkWhere } from '../../server/shape-engine/where/check-where.ts';
import { conditionSql } from '../../server/shape-engine/where/condition-sql.ts';
import { loadGrammar } from '../../server/shape-engine/where/parse-where.ts';
import { compilePredicate } from '../../server/shape-engine/where/predicate.ts';
import { useTestDatabase } from '../support/database.ts';
import { clauseArbitrary, quoted } from '../support/where-arbitraries.ts';
import { COLUMNS, COLUMN_NAMES, rowArbitrary } from '../support/where-columns.ts';
import { WHERE_REGRESSIONS } from '../model/regressions/where-clauses.ts';

const ROWS = 100;
/** Pairs of a row and a clause that is not refused, at least. */
const PAIRS = 100_000;
/** What Postgres says of a row on which it fails. */
const FAILED = 'failed';

type Verdict = boolean | null | typeof FAILED;

it('invariant 5: any clause is refused, or has Postgres’s verdict on any row', async () => {
  const seed = Number(process.env['HALO_TEST_SEED'] ?? Date.now() % 2 ** 31);
  process.stderr.write(`where-clauses: HALO_TEST_SEED=${seed}\n`);
  const asked = await openDatabase(fc.sample(rowArbitrary, { seed, numRuns: ROWS }));
  for (const clause of WHERE_REGRESSIONS) expect(await asked(clause), clause).toBe(true);
  let judged = 0;
  let refused = 0;
  const property = fc.asyncProperty(clauseArbitrary, async (clause) => {
    if (await asked(clause)) judged += 1;
    else refused += 1;
  });
  // A clause that is refused is no case: others are drawn for those.
  for (let round = 0; judged * ROWS < PAIRS; round += 1) {
    await fc.assert(property, { numRuns: PAIRS / ROWS - judged, seed: seed + round });
    expect(refused).toBeLessThan(PAIRS / ROWS / 4);
  }
  process.stderr.write(`where-clauses: ${judged * ROWS} pairs compared, ${refused} clauses refused\n`);
}, 180_000);

/** Makes a table of the rows; what it returns compares a clause's verdicts on all, and is false if it is refused. */
async function openDatabase(rows: readonly (string | null)[][]) {
  await loadGrammar();
  const { pool } = await useTestDatabase({ migrate: false });
  // The order of the labels is neither that of their names nor that in which they were made.
  await pool.query(`CREATE TYPE color AS ENUM ('red', 'blue')`);
  await pool.query(`ALTER TYPE color ADD VALUE 'green' BEFORE 'blue'`);
  await pool.query(`CREATE DOMAIN few AS int4 CHECK (VALUE < 100)`);
  await pool.query(`CREATE DOMAIN fewer AS few CHECK (VALUE < 10)`);
  await pool.query(`CREATE DOMAIN word AS text COLLATE "C"`);
  await pool.query(`CREATE DOMAIN shade AS color`);
  await pool.query(`CREATE DOMAIN numbers AS int4[]`);
  const columns = COLUMN_NAMES.map((name) => `${name} ${COLUMNS[name].type}`).join(', ');
  await pool.query(`CREATE TABLE things (${columns}, row_number int)`);
  const knows = await knownValues(pool);
  const values = rows.map((row, i) => {
    const known = row.map((value, column) => (knows(column, value) ? value : null));
    return `(${known.map((value) => (value === null ? 'NULL' : quoted(value))).join(', ')}, ${i})`;
  });
  await pool.query(`INSERT INTO things VALUES ${values.join(', ')}`);
  // One clause on one row, where the whole table fails because one of its rows does.
  await pool.query(`
    CREATE FUNCTION verdict(clause text, which int) RETURNS text LANGUAGE plpgsql AS $$
    DECLARE verdict bool;
    BEGIN
      EXECUTE format('SELECT (%s) FROM things WHERE row_number = %s', clause, which) INTO verdict;
      RETURN coalesce(verdict::text, 'null');
    EXCEPTION WHEN data_exception OR feature_not_supported THEN RETURN '${FAILED}';
    END $$`);
  const table = await loadTableSchema(pool, 'public', 'things');
  const tuples = await copyRows(pool);
  const scope = (params: readonly string[]) => scopeOf(params, table);

  return async (clause: string): Promise<boolean> => {
    const condition = orRefused(() => checkWhere(clause, scope([])));
    if (condition === null) return false;
    const printed = conditionSql(condition);
    const { text, params } = withParameters(clause);
    expect(conditionSql(checkWhere(text, scope(params)))).toBe(printed);
    const predicate = compilePredicate(condition, (name) => COLUMN_NAMES.indexOf(name as 'a_id'));
    const ours = tuples.map((tuple) => predicate(tuple));
    // What was asked and what we print from the tree: both must agree with our own verdict.
    const theirs = await verdicts(pool, [clause, printed]);
    for (const each of theirs) {
      const at = each.findIndex((verdict, i) => verdict !== FAILED && verdict !== ours[i]);
      // One row is enough to see the fault by.
      expect(
        at < 0 ? null : { clause, printed, row: tuples[at], ours: ours[at], postgres: each[at] },
      ).toBeNull();
    }
    return true;
  };
}

/**
 * Whether this Postgres reckons with a value as the newest do (docs/gotchas.md). Before version 17 no interval was infinite, and one at the
 * end of its range went silently over it; before 16 so did the difference of two times that are 292,000 years apart.
 */
async function knownValues(pool: pg.Pool): Promise<(column: number, value: string | null) => boolean> {
  const { rows } = await pool.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  );
  const { version } = rows[0]!;
  return (column, value) => {
    const { type } = COLUMNS[COLUMN_NAMES[column]!];
    if (type === 'interval') return version >= 170_000 || !/infinity|\d{8}/.test(value ?? '');
    return version >= 160_000 || !type.startsWith('timestamp') || !/^\d{6}/.test(value ?? '');
  };
}

/** The rows as the log has them: in the text of the types' output functions. */
async function copyRows(pool: pg.Pool): Promise<(string | null)[][]> {
  const texts = COLUMN_NAMES.map((name) => `CASE WHEN ${name} IS NOT NULL THEN format('%s', ${name}) END`);
  const { rows } = await pool.query<(string | null)[]>({
    text: `SELECT ${texts.join(', ')} FROM things ORDER BY row_number`,
    rowMode: 'array',
  });
  return rows;
}

async function verdicts(pool: pg.Pool, clauses: readonly string[]): Promise<Verdict[][]> {
  try {
    const { rows } = await pool.query<Verdict[]>({
      text: `SELECT ${clauses.map((each) => `(${each})`).join(', ')} FROM things ORDER BY row_number`,
      rowMode: 'array',
    });
    return clauses.map((_, i) => rows.map((row) => row[i]!));
  } catch (error) {
    // A data exception, or "feature not supported": NaN as an integer.
    if (!(error instanceof pg.DatabaseError) || !/^(22...|0A000)$/.test(error.code ?? '')) throw error;
  }
  const found: Verdict[][] = [];
  for (const clause of clauses) {
    const { rows } = await pool.query<{ verdict: string }>(
      `SELECT verdict($1, n) FROM generate_series(0, $2::int) n ORDER BY n`,
      [clause, ROWS - 1],
    );
    found.push(rows.map(({ verdict }) => (verdict === FAILED ? FAILED : (JSON.parse(verdict) as Verdict))));
  }
  return found;
}

function orRefused<V>(check: () => V): V | null {
  try {
    return check();
  } catch (error) {
    if (isHaloError(error, 'where_unsupported')) return null;
    throw error;
  }
}

/** The clause with its string constants given as parameters, save where the grammar wants a constant. */
function withParameters(clause: string): { text: string; params: string[] } {
  const params: string[] = [];
  const text = clause.replace(/(\w )?'((?:[^']|'')*)'/g, (whole, word: string | undefined, inner: string) => {
    if (word !== undefined && !/[EDRN] $/.test(word)) return whole;
    return `${word ?? ''}$${params.push(inner.replaceAll("''", "'"))}`;
  });
  return { text, params };
}
