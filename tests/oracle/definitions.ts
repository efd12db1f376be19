import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { column } from '@halo/shapes/catalog/shape.ts';
import { ROLES } from '@halo/shapes/protocol/auth.ts';
import { mayHaveSubqueries, memberships } from './memberships.ts';
import { createDice } from './random.ts';
import type { Dice } from './random.ts';
import { ORACLE_TABLES, quoted } from './tables.ts';
import type { OracleColumn, OracleTable } from './tables.ts';

/** Share of the shapes that have subqueries. */
const SUBQUERIES = 0.12;

/** A shape of the oracle: what the server follows, and how a reader asks for it. */
export interface OracleShape {
  readonly definition: ShapeDefinition;
  readonly replica: 'default' | 'full';
  /** The query that its rows must equal. */
  readonly sql: string;
  /** Tables that its subqueries read; of a shape without any there are none. */
  readonly inner: readonly string[];
}

/** Random definitions; harness and server make the same ones of the same seed. */
export function randomShapes(seed: number, count: number): OracleShape[] {
  const dice = createDice(seed);
  return Array.from({ length: count }, (_, number) => randomShape(dice, number));
}

/** The definitions as a server's catalogue. */
export function catalogOf(shapes: readonly OracleShape[]): ReadonlyMap<string, ShapeDefinition> {
  return new Map(shapes.map(({ definition }) => [definition.name, definition]));
}

function randomShape(dice: Dice, number: number): OracleShape {
  const table = dice.pick(ORACLE_TABLES);
  const plain = (of: OracleTable) => condition(dice, of, dice.below(2));
  const hasSubqueries = mayHaveSubqueries(table) && dice.chance(SUBQUERIES);
  const within = hasSubqueries ? memberships(dice, table, plain) : undefined;
  const own = dice.chance(0.08) ? null : condition(dice, table, dice.below(4));
  const where = within?.sql ?? own;
  // Without a key of its own a row is known by all its columns.
  const all = table.kind === 'keyless' || dice.chance(0.3);
  const columns = [...table.key, ...(all ? table.values : dice.some(table.values, 0.5))];
  const names = columns.map(({ name }) => quoted(name)).join(', ');
  return {
    definition: {
      name: `shape_${number}`,
      table: table.name,
      columns: columns.map(({ name, type }) => column(name, type, 'null')),
      key: (table.kind === 'keyless' ? columns : table.key).map(({ name }) => name),
      where,
      values: [],
      params: {},
      readers: ROLES,
      personal: dice.chance(0.5),
    },
    replica: dice.chance(0.5) ? 'default' : 'full',
    inner: [...new Set(within?.tables)],
    sql: `SELECT ${names} FROM ${quoted(table.name)}${where === null ? '' : ` WHERE ${where}`}`,
  };
}

function condition(dice: Dice, table: OracleTable, depth: number): string {
  if (depth === 0) return comparison(dice, dice.pick(comparable(table)));
  const parts = Array.from({ length: 2 + dice.below(2) }, () => condition(dice, table, dice.below(depth)));
  switch (dice.below(5)) {
    case 0:
      return `NOT (${parts[0]})`;
    case 1:
    case 2:
      return `(${parts.join(' OR ')})`;
    default:
      // Equalities among conjuncts are what the match index finds a shape by.
      return `(${parts.join(' AND ')})`;
  }
}

function comparable(table: OracleTable): OracleColumn[] {
  return [...table.key, ...table.values].filter(({ compares }) => compares !== 'none');
}

/** What the texts of the tables match in part. */
const PATTERNS = [`'%'`, `''`, `'a%'`, `'_'`, `'%\\_%'`, `'%/%'`, `'k/1_"'`, `'%É%'`, `'%b_'`, `E'%\\t%'`];

function comparison(dice: Dice, { name, sqlType, literals, compares }: OracleColumn): string {
  const left = quoted(name);
  if (sqlType.startsWith('text') && dice.chance(0.25)) {
    const operator = dice.pick(['LIKE', 'NOT LIKE', 'ILIKE', 'NOT ILIKE']);
    return `${left} ${operator} ${dice.pick(PATTERNS)}`;
  }
  const literal = () => dice.pick(literals);
  if (compares === 'boolean')
    return dice.pick([left, `${left} IS NULL`, `${left} = ${literal()}`, `NOT ${left}`]);
  switch (dice.below(6)) {
    case 0:
      return `${left} IS ${dice.chance(0.5) ? 'NOT ' : ''}NULL`;
    case 1:
      return `${left} ${dice.chance(0.7) ? 'IN' : 'NOT IN'} (${[literal(), literal(), literal()].join(', ')})`;
    case 2:
    case 3:
      return compares === 'order'
        ? `${left} ${dice.pick(['<', '<=', '>', '>='])} ${literal()}`
        : `${left} <> ${literal()}`;
    default:
      return `${left} = ${literal()}`;
  }
}
