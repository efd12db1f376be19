// What changes of a table that is there already would do to a server that runs.

/** @typedef {(code: string, hint: string) => void} Tell */

/** Functions whose value is the same for all rows of a statement: a column with such a default needs no rewrite. */
const STABLE = new Set(['now', 'transaction_timestamp', 'statement_timestamp', 'current_setting']);
/** What only changes the catalogue. */
const QUICK = new Set([
  'AT_DropNotNull',
  'AT_ColumnDefault',
  'AT_SetStatistics',
  'AT_SetRelOptions',
  'AT_ResetRelOptions',
  'AT_SetStorage',
  'AT_EnableTrig',
  'AT_DisableTrig',
]);
const REWRITES = new Set(['AT_AlterColumnType', 'AT_SetLogged', 'AT_SetUnLogged']);
const SERIAL = /^(small|big)?serial\d?$/;

const HINTS = {
  constraint_scans: 'add it NOT VALID, and VALIDATE CONSTRAINT in the next file',
  index_locks_writers: 'CREATE INDEX CONCURRENTLY in a file of its own, then ADD CONSTRAINT … USING INDEX',
  rewrites_table: 'add another column, fill it in batches, and let a later release read it',
  not_null_scans:
    'add CHECK (… IS NOT NULL) NOT VALID, validate it in the next file, then SET NOT NULL, which needs no scan, and say so in `-- accepts`',
  takes_away:
    'only a file NNNN_contract_MMMM_… takes away what a release before read, where MMMM is the newest that it must know',
  drops_constraint:
    'a foreign key locks the table that it refers to as well: name that in `-- locks`, and say in `-- accepts` which kind it is',
  unjudged: 'nobody has said yet what this locks; teach the lint',
};

/**
 * Judges the commands of one ALTER TABLE.
 *
 * @param {{ cmds: readonly object[] }} statement
 * @param {{ isContract: boolean, added: Set<string> }} file what is known of the whole file
 * @param {Tell} tell
 */
export function judgeAlter({ cmds }, file, tell) {
  const say = (code) => tell(code, HINTS[code]);
  for (const { AlterTableCmd: command } of cmds) {
    const { subtype, def, name } = command;
    if (subtype === 'AT_AddColumn') judgeColumn(def.ColumnDef, say);
    else if (subtype === 'AT_AddConstraint') {
      if (def.Constraint.conname !== undefined) file.added.add(def.Constraint.conname);
      judgeConstraint(def.Constraint, say);
    } else if (subtype === 'AT_ValidateConstraint') {
      if (file.added.has(name))
        tell('constraint_scans', 'validate it in the next file: here it is locked already');
    } else if (subtype === 'AT_DropConstraint') say('drops_constraint');
    else if (subtype === 'AT_ReplicaIdentity') {
      // Whoever reads the log needs former rows whole.
      if (def.ReplicaIdentityStmt.identity_type !== 'f') say('takes_away');
    } else if (REWRITES.has(subtype)) say('rewrites_table');
    else if (subtype === 'AT_SetNotNull') say('not_null_scans');
    else if (subtype === 'AT_DropColumn') {
      if (!file.isContract) say('takes_away');
    } else if (!QUICK.has(subtype)) tell('unjudged', `${subtype}: ${HINTS.unjudged}`);
  }
}

function judgeConstraint({ contype, skip_validation: isNotValid, indexname }, say) {
  if (contype === 'CONSTR_UNIQUE' || contype === 'CONSTR_PRIMARY') {
    if (indexname === undefined) say('index_locks_writers');
  } else if (contype === 'CONSTR_EXCLUSION') say('index_locks_writers');
  else if (isNotValid !== true) say('constraint_scans');
}

function judgeColumn({ typeName, constraints = [] }, say) {
  const type = typeName.names.at(-1).String.sval;
  if (SERIAL.test(type)) say('rewrites_table');
  const all = constraints.map(({ Constraint }) => Constraint);
  const fallback = all.find(({ contype }) => contype === 'CONSTR_DEFAULT');
  for (const { contype } of all) {
    if (contype === 'CONSTR_IDENTITY' || contype === 'CONSTR_GENERATED') say('rewrites_table');
    else if (contype === 'CONSTR_CHECK' || contype === 'CONSTR_FOREIGN') say('constraint_scans');
    else if (contype === 'CONSTR_UNIQUE' || contype === 'CONSTR_PRIMARY') say('index_locks_writers');
    else if (contype === 'CONSTR_NOTNULL' && fallback === undefined) say('not_null_scans');
  }
  if (fallback !== undefined && isVolatile(fallback.raw_expr)) say('rewrites_table');
}

/** Whether an expression calls a function that is not known to be the same for all rows. */
function isVolatile(node) {
  if (typeof node !== 'object' || node === null) return false;
  const call = node.FuncCall;
  if (call !== undefined && !STABLE.has(call.funcname.at(-1).String.sval)) return true;
  return Object.values(node).some(isVolatile);
}
