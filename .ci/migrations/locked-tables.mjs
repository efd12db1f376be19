// Which tables that are there already a statement locks without altering them.

/** Functions that lock nothing, wait for nothing, and change nothing. What else is called might do anything. */
const PURE = new Set([
  ...['now', 'gen_random_uuid', 'md5', 'lower', 'upper', 'length', 'trim', 'concat', 'replace', 'substring'],
  ...['count', 'min', 'max', 'sum', 'bool_or', 'bool_and', 'array_agg', 'string_agg', 'jsonb_agg'],
  ...['jsonb_build_object', 'to_jsonb', 'unnest', 'generate_series', 'make_interval', 'date_trunc'],
]);

/**
 * The tables that a new one refers to, or is a part of. Each is locked against writers until the file ends: triggers come to it.
 *
 * @param {{ tableElts?: readonly object[], inhRelations?: readonly object[] }} statement a CreateStmt
 * @returns {string[]}
 */
export function tablesBehind({ tableElts = [], inhRelations = [] }) {
  const parents = inhRelations.map(({ RangeVar }) => RangeVar.relname);
  return [...parents, ...tableElts.flatMap(({ ColumnDef, Constraint }) => referred(ColumnDef, Constraint))];
}

/**
 * The tables that an ALTER TABLE refers to anew; they are locked as the altered one is, also for a constraint that is NOT VALID.
 *
 * @param {{ cmds: readonly object[] }} statement an AlterTableStmt
 * @returns {string[]}
 */
export function tablesReferred({ cmds }) {
  return cmds.flatMap(({ AlterTableCmd: { def } }) => referred(def?.ColumnDef, def?.Constraint));
}

function referred(column, constraint) {
  const constraints = (column?.constraints ?? []).map(({ Constraint }) => Constraint);
  if (constraint !== undefined) constraints.push(constraint);
  return constraints
    .filter(({ contype }) => contype === 'CONSTR_FOREIGN')
    .map(({ pktable }) => pktable.relname);
}

/**
 * What a statement that reads or inserts does besides: rows that it locks, functions that may lock, statements that change rows.
 *
 * @param {unknown} node
 * @returns {{ locksRows: boolean, calls: string[], changes: object[] }}
 */
export function doneBesides(node) {
  const found = { locksRows: false, calls: [], changes: [] };
  collect(node, found);
  return found;
}

function collect(node, found) {
  if (typeof node !== 'object' || node === null) return;
  if (node.LockingClause !== undefined) found.locksRows = true;
  if (node.FuncCall !== undefined) {
    const name = node.FuncCall.funcname.at(-1).String.sval;
    if (!PURE.has(name)) found.calls.push(name);
  }
  for (const kind of ['UpdateStmt', 'DeleteStmt', 'MergeStmt'])
    if (node[kind] !== undefined) found.changes.push({ [kind]: node[kind] });
  for (const child of Object.values(node)) collect(child, found);
}
