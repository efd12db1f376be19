import { quoteIdentifier } from '@halo/shapes/catalog/replica-schema.ts';
import { hasSqlDetails, parseSync } from 'libpg-query';
import { subsetFault } from './subset-fault.ts';
import { isNode, nodeAt } from './where/parse-where.ts';
import type { ParseNode } from './where/parse-where.ts';

const PREFIX = 'SELECT 1 ORDER BY ';
const MAX_CHARACTERS = 4_096;
/** What the statement may consist of; a clause that brings more (LIMIT, UNION, FOR UPDATE, …) is none. */
const PLAIN_SELECT = new Set(['targetList', 'sortClause', 'limitOption', 'op']);
const DIRECTIONS: Readonly<Record<string, string>> = {
  SORTBY_DEFAULT: '',
  SORTBY_ASC: ' ASC',
  SORTBY_DESC: ' DESC',
};
const NULLS: Readonly<Record<string, string>> = {
  SORTBY_NULLS_DEFAULT: '',
  SORTBY_NULLS_FIRST: ' NULLS FIRST',
  SORTBY_NULLS_LAST: ' NULLS LAST',
};

/**
 * Reads `column [ASC|DESC] [NULLS FIRST|LAST], …` by Postgres's own grammar and prints it again: columns that
 * `allowed` knows and nothing else reach Postgres. Throws `subset_invalid`.
 */
export function orderBySql(clause: string, allowed: ReadonlySet<string>): string {
  if (clause.length > MAX_CHARACTERS) throw subsetFault('order_by', 'is too long');
  if (clause.includes('\0')) throw subsetFault('order_by', 'holds a NUL character');
  return sortsOf(clause)
    .map((sort) => sortSql(sort, allowed))
    .join(', ');
}

function sortSql(sort: ParseNode, allowed: ReadonlySet<string>): string {
  const direction = DIRECTIONS[String(sort['sortby_dir'])];
  const nulls = NULLS[String(sort['sortby_nulls'])];
  if (direction === undefined || nulls === undefined) throw notPlain();
  const column = nodeAt(sort['node'], 'ColumnRef');
  if (column === undefined) throw notAColumn(sort['node']);
  const fields = Array.isArray(column['fields']) ? column['fields'] : [];
  const names = fields.map((field) => {
    const text = nodeAt(field, 'String')?.['sval'];
    return typeof text === 'string' ? text : '*';
  });
  const [name = ''] = names;
  if (names.length !== 1 || !allowed.has(name)) {
    throw subsetFault('order_by', `At location ${locationOf(column)}: unknown reference ${names.join('.')}`);
  }
  return quoteIdentifier(name) + direction + nulls;
}

function sortsOf(clause: string): readonly ParseNode[] {
  const statements = statementsOf(clause);
  const select = statements.length === 1 ? nodeAt(statements[0], 'stmt', 'SelectStmt') : undefined;
  const sorts = Array.isArray(select?.['sortClause']) ? select['sortClause'] : [];
  const extra = Object.keys(select ?? {}).some((key) => !PLAIN_SELECT.has(key));
  if (sorts.length === 0 || extra) throw notPlain();
  return sorts.map((sort) => nodeAt(sort, 'SortBy') ?? {});
}

function statementsOf(clause: string): readonly unknown[] {
  try {
    const tree: unknown = parseSync(PREFIX + clause);
    const statements = isNode(tree) ? tree['stmts'] : undefined;
    return Array.isArray(statements) ? statements : [];
  } catch (error) {
    if (!hasSqlDetails(error)) throw error;
    const position = error.sqlDetails?.cursorPosition;
    const where = position === undefined ? '' : `At location ${position}: `;
    throw subsetFault('order_by', where + error.message);
  }
}

function notAColumn(node: unknown) {
  const kind = isNode(node) ? Object.keys(node)[0]! : 'Such';
  const location = isNode(node) ? locationOf(node[kind]) : 0;
  return subsetFault(
    'order_by',
    `At location ${location}: ${kind} expressions are not allowed in ORDER BY clauses`,
  );
}

function notPlain() {
  return subsetFault(
    'order_by',
    'must name columns, each with ASC or DESC and NULLS FIRST or LAST, and nothing else',
  );
}

function locationOf(node: unknown): number {
  const location = isNode(node) ? node['location'] : undefined;
  return typeof location === 'number' ? location : 0;
}
