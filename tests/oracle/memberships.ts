import type { Dice } from './random.ts';
import { ORACLE_TABLES, quoted } from './tables.ts';
import type { OracleColumn, OracleTable } from './tables.ts';

/** A condition with subqueries, and the tables that these read. */
export interface Membership {
  readonly sql: string;
  readonly tables: readonly string[];
}

/** Makes the conditions of a table that need no other. */
export type PlainCondition = (table: OracleTable) => string;

/** A random condition with one or two subqueries, up to two levels deep. */
export function memberships(dice: Dice, table: OracleTable, plain: PlainCondition): Membership {
  const first = membership(dice, table, plain, 1);
  switch (dice.below(6)) {
    case 0:
      return { ...first, sql: `(${first.sql} AND ${plain(table)})` };
    case 1:
      return { ...first, sql: `(${plain(table)} OR ${first.sql})` };
    case 2:
    case 3: {
      const second = membership(dice, table, plain, 0);
      const sql = `(${first.sql} ${dice.pick(['AND', 'OR'])} ${second.sql} ${dice.pick(['AND', 'OR'])} ${plain(table)})`;
      return { sql: dice.chance(0.4) ? `NOT ${sql}` : sql, tables: [...first.tables, ...second.tables] };
    }
    default:
      return first;
  }
}

function membership(dice: Dice, table: OracleTable, plain: PlainCondition, levels: number): Membership {
  const left = dice.pick(comparable(table));
  const [inner, column] = dice.pick(
    ORACLE_TABLES.flatMap((each) =>
      comparable(each)
        .filter((other) => kindOf(other) === kindOf(left))
        .map((other) => [each, other] as const),
    ),
  );
  const deeper =
    levels > 0 && mayHaveSubqueries(inner) && dice.chance(0.4)
      ? membership(dice, inner, plain, levels - 1)
      : undefined;
  const condition = deeper?.sql ?? (dice.chance(0.8) ? plain(inner) : undefined);
  const where = condition === undefined ? '' : ` WHERE ${condition}`;
  const operator = dice.chance(0.3) ? 'NOT IN' : 'IN';
  return {
    sql: `${quoted(left.name)} ${operator} (SELECT ${quoted(column.name)} FROM ${quoted(inner.name)}${where})`,
    tables: [inner.name, ...(deeper?.tables ?? [])],
  };
}

/** Without a key its rows could not be told apart, where one comes or goes by another table's. */
export function mayHaveSubqueries({ kind }: OracleTable): boolean {
  return kind !== 'keyless';
}

function comparable(table: OracleTable): OracleColumn[] {
  return [...table.key, ...table.values].filter(({ compares }) => compares !== 'none');
}

/** Columns of one kind have an operator `=` in common. */
function kindOf({ sqlType }: OracleColumn): string {
  return sqlType.startsWith('int') ? 'int' : sqlType.split(' ')[0]!;
}
