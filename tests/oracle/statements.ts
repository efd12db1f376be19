import type { Dice } from './random.ts';
import { ORACLE_TABLES, quoted } from './tables.ts';
import type { OracleColumn, OracleTable } from './tables.ts';

const NULL_SHARE = 0.2;
/** Rows of the statement that fills more than one piece of the log. */
const PIECE_ROWS = 1_001;
const BULK_ROWS = 1_500;
/** Where the rows of bulk statements lie in `items`, out of the way of the others. */
const BULK_FROM = 100_000;

/** One random statement: keys collide often, and values move rows in and out of every condition. */
export function randomStatement(dice: Dice): string {
  const table = dice.pick(ORACLE_TABLES);
  const name = quoted(table.name);
  const where = keyIs(dice, table);
  switch (dice.below(12)) {
    case 0:
    case 1:
      return `DELETE FROM ${name} WHERE ${where}`;
    case 2:
      return `UPDATE ${name} SET ${assignments(dice, table.key, 0)} WHERE ${where}`;
    case 3:
      return `UPDATE ${name} SET ${assignments(dice, [...table.key, ...table.values], 0.3)} WHERE ${where}`;
    case 4: {
      // Many rows in one statement; some of them do not change at all.
      const column = dice.pick(table.values);
      return `UPDATE ${name} SET ${assignments(dice, [column], 1)} WHERE ${matching(dice, dice.pick(table.values))}`;
    }
    case 5:
    case 6:
    case 7:
      return `UPDATE ${name} SET ${assignments(dice, table.values, 0.4)} WHERE ${where}`;
    default:
      return insert(dice, table);
  }
}

/** A transaction of its own that empties a table, and may fill it again. */
export function truncation(dice: Dice): {
  readonly table: OracleTable;
  readonly statements: readonly string[];
} {
  const table = dice.pick(ORACLE_TABLES);
  const before = dice.chance(0.5) ? [insert(dice, table)] : [];
  const after = Array.from({ length: dice.below(6) }, () => insert(dice, table));
  return { table, statements: [...before, `TRUNCATE ${quoted(table.name)}`, ...after] };
}

/** A transaction that is larger than one piece of the log, and the one that takes its rows away again. */
export function bulk(dice: Dice): readonly string[] {
  const select = `SELECT ${BULK_FROM} + i, CASE i % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'b' END, i % 9, i % 2 = 0,
    'bulk ' || i, md5(i::text), i / 7.0 FROM generate_series(1, ${PIECE_ROWS + dice.below(BULK_ROWS)}) i`;
  const insertion = `INSERT INTO items (id, grp, n, flag, note, far, price) ${select} ON CONFLICT DO NOTHING`;
  return [insertion, `DELETE FROM items WHERE id > ${BULK_FROM}`];
}

function insert(dice: Dice, table: OracleTable): string {
  const columns = [...table.key, ...table.values];
  const names = columns.map(({ name }) => quoted(name)).join(', ');
  const values = columns.map((column) => valueOf(dice, column, table.key.includes(column))).join(', ');
  const key = table.key.map(({ name }) => quoted(name)).join(', ');
  return `INSERT INTO ${quoted(table.name)} (${names}) VALUES (${values})
    ON CONFLICT (${key}) DO UPDATE SET ${assignments(dice, table.values, 0.7)}`;
}

function keyIs(dice: Dice, table: OracleTable): string {
  return table.key.map((column) => matching(dice, column)).join(' AND ');
}

function matching(dice: Dice, { name, literals, compares }: OracleColumn): string {
  return compares === 'none' ? `${quoted(name)} IS NULL` : `${quoted(name)} = ${dice.pick(literals)}`;
}

/** Sets each column with the given probability, and at least one. */
function assignments(dice: Dice, columns: readonly OracleColumn[], probability: number): string {
  const chosen = dice.some(columns, probability);
  const set = chosen.length > 0 ? chosen : [dice.pick(columns)];
  return set.map((column) => `${quoted(column.name)} = ${valueOf(dice, column, isKey(column))}`).join(', ');
}

function isKey(column: OracleColumn): boolean {
  return ORACLE_TABLES.some(({ key }) => key.includes(column));
}

function valueOf(dice: Dice, { literals }: OracleColumn, isOfKey: boolean): string {
  return !isOfKey && dice.chance(NULL_SHARE) ? 'NULL' : dice.pick(literals);
}
