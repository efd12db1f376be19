import { hasSqlDetails, loadModule, parseSync } from 'libpg-query';
import { STATEMENT_PREFIX, unsupported } from './where-error.ts';

/** A node of Postgres's parse tree, as JSON: `{ "A_Expr": { … } }`. */
export type ParseNode = Readonly<Record<string, unknown>>;

/** Longer clauses are refused before they are parsed. */
const MAX_CLAUSE_CHARACTERS = 16_384;
/** What the statement may consist of; a clause that brings more (LIMIT, UNION, GROUP BY, …) is none. */
const PLAIN_SELECT = new Set(['targetList', 'whereClause', 'limitOption', 'op']);

let loaded: Promise<void> | undefined;

/** Much of what is compiled only when it is first used, so that no reader's request has to wait for it. */
const WARM_UP = `${STATEMENT_PREFIX}a = $1 AND b IN ('x', 'y') OR NOT (c > 1 AND d::date LIKE lower('z'))`;

/** Loads Postgres's grammar (WASM), once for the process. */
export function loadGrammar(): Promise<void> {
  loaded ??= loadModule().then(() => void parseSync(WARM_UP));
  return loaded;
}

/** Parses a where-clause with Postgres's own grammar; `loadGrammar` must have resolved. */
export function parseWhere(clause: string): ParseNode {
  if (clause.length > MAX_CLAUSE_CHARACTERS) throw unsupported('The where-clause is too long.', null);
  if (clause.includes('\0')) throw unsupported('The where-clause holds a NUL character.', null);
  const statements = statementsOf(clause);
  if (statements.length > 1) throw unsupported('unescaped ";" causing statement split', null);
  const select = statements.length === 1 ? nodeAt(statements[0], 'stmt', 'SelectStmt') : undefined;
  const where = select === undefined ? undefined : nodeAt(select, 'whereClause');
  const extra = Object.keys(select ?? {}).some((key) => !PLAIN_SELECT.has(key));
  if (where === undefined || extra || select?.['op'] !== 'SETOP_NONE') {
    throw unsupported('malformed query ending with SQL clauses', null);
  }
  return where;
}

/** A table as a subquery names it. */
export interface InnerTable {
  readonly schema: string;
  readonly table: string;
}

/** The tables that a clause's subqueries read, each once. */
export function innerTables(clause: string): readonly InnerTable[] {
  const found = new Map<string, InnerTable>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!isNode(value)) return;
    const range = nodeAt(value, 'RangeVar');
    if (range !== undefined) {
      const { schema, table } = rangeName(range);
      found.set(JSON.stringify([schema, table]), { schema, table });
    }
    Object.values(value).forEach(visit);
  };
  visit(parseWhere(clause));
  return [...found.values()];
}

/** The name of a table in a FROM; without a schema it is in `public`, as that of a shape's own table is. */
export function rangeName(range: ParseNode): InnerTable {
  const { schemaname: schema, relname: table } = range;
  return {
    schema: typeof schema === 'string' ? schema : 'public',
    table: typeof table === 'string' ? table : '',
  };
}

function statementsOf(clause: string): readonly unknown[] {
  try {
    const tree: unknown = parseSync(STATEMENT_PREFIX + clause);
    const statements = isNode(tree) ? tree['stmts'] : undefined;
    return Array.isArray(statements) ? statements : [];
  } catch (error) {
    if (!hasSqlDetails(error)) throw error;
    const position = error.sqlDetails?.cursorPosition;
    // Errors of syntax are counted in characters already.
    throw unsupported(error.message, position === undefined ? null : clausePosition(position), {
      syntax: true,
    });
  }
}

/** Position within the clause of a parse-tree location: in bytes, from 1. */
export function clausePosition(location: unknown): number | null {
  return typeof location === 'number' && location >= 0
    ? Math.max(1, location - STATEMENT_PREFIX.length + 1)
    : null;
}

/** True for a JSON object. */
export function isNode(value: unknown): value is ParseNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Follows keys through nested nodes; undefined where the path ends early. */
export function nodeAt(value: unknown, ...path: readonly string[]): ParseNode | undefined {
  let current: unknown = value;
  for (const key of path) {
    if (!isNode(current)) return undefined;
    current = current[key];
  }
  return isNode(current) ? current : undefined;
}

/** Whether a column is named anywhere in a part of a parse tree. */
export function hasColumn(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasColumn);
  return isNode(value) && ('ColumnRef' in value || Object.values(value).some(hasColumn));
}
