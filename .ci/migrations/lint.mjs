// Refuses migrations that would hold up a server that runs, or take away what the release before it reads.
import { parseSync } from 'libpg-query';
import { judgeAlter } from './judge-alter.mjs';
import { doneBesides, tablesBehind, tablesReferred } from './locked-tables.mjs';

const NAME = /^(\d{4})_(?:contract_(\d{4})_)?[a-z0-9_]+\.sql$/;
const LOCKS = /^-- locks: (.+(?:\n-- {3}.+)*)$/m;
const ACCEPTS = /^-- accepts ([a-z_]+): .{10,}$/gm;
/** A name that needs no quotes. */
const PLAIN = /^[a-z_][a-z0-9_]*$/;
const NO_TRANSACTION = /^-- transaction: none$/m;

const BACKFILL = 'rows stay locked until the end: fill them by a job, in batches, or say why they are few';

/** Statements that lock what they concern for moments, or nothing that is there already. */
const HARMLESS = new Set([
  ...['CreateSeqStmt', 'CreateEnumStmt', 'CompositeTypeStmt', 'ViewStmt', 'CreateDomainStmt'],
  ...[
    'CreateFunctionStmt',
    'CreateSchemaStmt',
    'CreateExtensionStmt',
    'CommentStmt',
    'CreatePublicationStmt',
  ],
]);

/**
 * Judges one migration. `loadModule` of libpg-query must have resolved.
 *
 * @param {string} file its name, with `.sql`
 * @param {string} sql
 * @returns {{ code: string, hint: string }[]} what is wrong with it
 */
export function lintMigration(file, sql) {
  const faults = [];
  const accepted = new Set([...sql.matchAll(ACCEPTS)].map(([, code]) => code));
  const tell = (code, hint) => {
    if (!accepted.has(code)) faults.push({ code, hint });
  };
  const [, number, contract] = NAME.exec(file) ?? [];
  if (number === undefined)
    tell('name', 'a file is called NNNN_what_it_does.sql, or NNNN_contract_MMMM_….sql');
  if (contract !== undefined && Number(contract) >= Number(number))
    tell(
      'name',
      'servers cannot be asked to know this file before it has run: MMMM is of an earlier release',
    );
  const locks = LOCKS.exec(sql)?.[1];
  if (locks === undefined)
    tell('locks_unsaid', 'say in a line `-- locks: …` which tables it locks, how and for how long');

  const statements = parseSync(sql).stmts.map(({ stmt }) => stmt);
  const state = {
    made: madeBy(statements),
    altered: new Set(),
    added: new Set(),
    isContract: contract !== undefined,
  };
  for (const statement of statements) judge(statement, state, tell);
  const touched = [...state.altered].filter((table) => !state.made.has(table));
  for (const table of touched)
    if (locks !== undefined && !locks.split(/[^a-z0-9_]+/i).includes(table))
      tell('locks_unsaid', `\`-- locks:\` does not name ${table}`);
  if (touched.length > 1)
    tell(
      'locks_several',
      `one file for each of ${touched.join(', ')}: the first stays locked while the next is waited for; where one statement locks both, say why that is borne`,
    );
  if (NO_TRANSACTION.test(sql)) {
    if (statements.length !== 1) tell('not_alone', 'a file without a transaction holds one statement');
  } else if (statements.some(isConcurrent))
    tell('not_alone', 'what is done CONCURRENTLY stands in a file of its own with `-- transaction: none`');
  return faults;
}

function madeBy(statements) {
  const made = new Set();
  for (const { CreateStmt, CreateTableAsStmt } of statements) {
    if (CreateStmt !== undefined) made.add(CreateStmt.relation.relname);
    if (CreateTableAsStmt !== undefined) made.add(CreateTableAsStmt.into.rel.relname);
  }
  return made;
}

function isConcurrent({ IndexStmt, DropStmt, ReindexStmt }) {
  if (ReindexStmt !== undefined) return JSON.stringify(ReindexStmt).includes('"concurrently"');
  return IndexStmt?.concurrent === true || DropStmt?.concurrent === true;
}

function judge(statement, state, tell) {
  const [[kind, body]] = Object.entries(statement);
  const isNew = (relation) => state.made.has(relation?.relname);
  if (HARMLESS.has(kind)) return;
  switch (kind) {
    case 'CreateStmt':
      // Who writes into a table that a new one refers to waits until the file has ended.
      for (const table of tablesBehind(body)) state.altered.add(table);
      return;
    case 'GrantStmt':
    case 'AlterEnumStmt':
    case 'AlterPublicationStmt':
      if (takesAway(kind, body) && !state.isContract)
        tell('takes_away', 'the release before uses it: give it something else beside it');
      return;
    case 'InsertStmt':
      if (body.onConflictClause?.action === 'ONCONFLICT_UPDATE' && !isNew(body.relation))
        tell('backfill', BACKFILL);
      return judgeReading(body, state, tell);
    case 'SelectStmt':
    case 'CreateTableAsStmt':
      return judgeReading(body, state, tell);
    case 'AlterTableStmt':
      for (const table of tablesReferred(body)) state.altered.add(table);
      if (isNew(body.relation)) return;
      state.altered.add(body.relation.relname);
      return judgeAlter(body, state, tell);
    case 'CreateTrigStmt':
      // For moments, but writers wait for it.
      state.altered.add(body.relation.relname);
      return;
    case 'IndexStmt':
      if (isNew(body.relation)) return;
      state.altered.add(body.relation.relname);
      if (!isConcurrent(statement))
        tell('index_locks_writers', 'CREATE INDEX CONCURRENTLY, in a file of its own');
      else if (!PLAIN.test(body.idxname ?? ''))
        tell('not_repeatable', 'name the index in small letters: what was not noted is dropped by its name');
      return;
    case 'DropStmt':
      return judgeDrop(statement, state, tell);
    case 'RenameStmt':
      if (!isNew(body.relation))
        tell('takes_away', 'the release before reads the old name: add a new one beside it');
      return;
    case 'UpdateStmt':
    case 'DeleteStmt':
      if (!isNew(body.relation)) tell('backfill', BACKFILL);
      return;
    case 'LockStmt':
    case 'TruncateStmt':
    case 'ClusterStmt':
    case 'VacuumStmt':
      return tell('locks_all', `${kind} keeps everybody out`);
    case 'ReindexStmt':
      if (!isConcurrent(statement))
        tell('index_locks_writers', 'REINDEX … CONCURRENTLY, in a file of its own');
      return;
    case 'VariableSetStmt':
    case 'TransactionStmt':
      return tell('runner_only', 'the runner sets lock_timeout, and begins and ends transactions');
    default:
      return tell('unjudged', `${kind}: nobody has said yet what this locks; teach the lint`);
  }
}

/** Whether a right, the name of a label, or a table that is replicated goes. */
function takesAway(kind, body) {
  if (kind === 'GrantStmt') return body.is_grant !== true;
  if (kind === 'AlterEnumStmt') return body.oldVal !== undefined;
  return body.action !== 'AP_AddObjects';
}

function judgeReading(body, state, tell) {
  const { locksRows, calls, changes } = doneBesides(body);
  if (locksRows) tell('unjudged', 'rows that are locked stay so until the end: say why they are few');
  for (const name of calls)
    tell('unjudged', `${name}(): nobody has said yet what this locks; teach the lint`);
  for (const change of changes) judge(change, state, tell);
}

function judgeDrop({ DropStmt }, { isContract, altered }, tell) {
  const { removeType, concurrent, missing_ok: mayBeGone, objects } = DropStmt;
  // A trigger is named behind its table, which nobody reads meanwhile.
  if (removeType === 'OBJECT_TRIGGER')
    for (const { List } of objects) altered.add(List.items.at(-2).String.sval);
  if (removeType === 'OBJECT_INDEX') {
    if (concurrent !== true) tell('index_locks_writers', 'DROP INDEX CONCURRENTLY, in a file of its own');
    else if (mayBeGone !== true)
      tell('not_repeatable', 'DROP INDEX CONCURRENTLY IF EXISTS: it may be done, and not noted');
  } else if (removeType !== 'OBJECT_TRIGGER' && !isContract)
    tell('takes_away', 'only a file NNNN_contract_MMMM_….sql takes away what a release before used');
}
