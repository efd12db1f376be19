import { parseOffset } from '@halo/shapes/protocol/offset.ts';
import type { Offset } from '@halo/shapes/protocol/offset.ts';
import type { LogMode, ReplicaMode } from '../shape-engine/shape-engine.ts';
import { readColumnNames, readTableName } from './raw-name.ts';

/** A request of the raw endpoint, read and checked as far as that needs no database. */
export interface RawQuery {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[] | null;
  /**
   * The only columns that may be sent, and that a subset's condition and order may read; null for all. One that the
   * table does not have allows nothing. The shape's own condition is not bound by it.
   */
  readonly queryable: readonly string[] | null;
  readonly where: string | null;
  readonly params: readonly string[];
  readonly replica: ReplicaMode;
  readonly log: LogMode;
  readonly offset: Offset;
  /** The offset as it was sent, which an answer without changes gives back. */
  readonly offsetText: string;
  readonly handle: string | null;
  readonly live: boolean;
  /** As a stream of events; only with `live`. */
  readonly events: boolean;
  readonly cursor: string | null;
  readonly session: string | null;
}

type Faults = Readonly<Record<string, readonly string[]>>;

/** Faults by parameter, in the words of Electric's 400 answers; those of a subset stand under `subset`. */
export type RawErrors = Readonly<Record<string, readonly string[] | Faults>>;

export type RawVerdict =
  { readonly ok: true; readonly query: RawQuery } | { readonly ok: false; readonly errors: RawErrors };

const MAX_HANDLE_CHARACTERS = 200;
const MAX_PARAMS = 1_000;

/** Reads a request's parameters; of one that is given twice the last counts, and unknown ones are ignored. */
export function readRawQuery(given: ReadonlyMap<string, string>): RawVerdict {
  const text = (name: string) => given.get(name) ?? '';
  const list = [...given.keys()].find((name) => /^(table|where|params)\[\]$/.test(name));
  const offset = text('offset') === '' ? undefined : readOffset(text('offset'));
  if (offset === undefined) {
    return fault('offset', text('offset') === '' ? "can't be blank" : 'has invalid format');
  }
  if (list !== undefined) return fault(list.slice(0, -2), 'is invalid');
  const wrong = checkModes(given) ?? checkCombination(offset, given);
  if (wrong !== undefined) return wrong;
  if (text('table') === '') return fault('table', "can't be blank");
  const table = readTableName(text('table'));
  if (!table.ok) return fault('table', table.message);
  const chosen = readColumns(text('columns'), text('queryable_columns'));
  if ('ok' in chosen) return chosen;
  const params = readParams(given);
  if (!Array.isArray(params)) return fault('params', (params as { message: string }).message);
  return {
    ok: true,
    query: {
      schema: table.schema,
      table: table.table,
      ...chosen,
      // A blank condition is none, as for Electric.
      where: text('where').trim() === '' ? null : text('where'),
      params,
      replica: text('replica') === 'full' ? 'full' : 'default',
      log: text('log') === 'changes_only' ? 'changes_only' : 'full',
      offset,
      offsetText: text('offset'),
      handle: text('handle') === '' ? null : text('handle'),
      live: isSet(given.get('live')) === true,
      events: ['live_sse', 'experimental_live_sse'].some((name) => isSet(given.get(name)) === true),
      cursor: given.get('cursor') ?? null,
      session: given.get('session') ?? null,
    },
  };
}

/** What is sent, and what may be asked of it; who names only the latter is sent all of that. */
function readColumns(
  sent: string,
  allowed: string,
): Pick<RawQuery, 'columns' | 'queryable'> | Extract<RawVerdict, { ok: false }> {
  const queryable = allowed === '' ? null : readColumnNames(allowed);
  if (queryable !== null && 'message' in queryable) return fault('queryable_columns', queryable.message);
  const columns = sent === '' ? queryable : readColumnNames(sent);
  if (columns !== null && 'message' in columns) return fault('columns', columns.message);
  const twice = columns?.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined)
    return fault('columns', `The following columns are not found on the table: ${twice}`);
  const hidden = columns?.filter((name) => queryable?.includes(name) === false) ?? [];
  if (hidden.length === 0) return { columns, queryable };
  return fault('columns', `The following columns are not among the queryable ones: ${hidden.join(', ')}`);
}

/** A position that no database can reach is well formed all the same; `-1_0` is another name of the beginning. */
function readOffset(text: string): Offset | undefined {
  if (text === '-1_0') return { kind: 'before_all' };
  const unreachable = /^\d{20,40}_\d{1,15}$/.test(text);
  return parseOffset(text) ?? (unreachable ? { kind: 'log', lsn: (1n << 64n) - 1n, op: 0 } : undefined);
}

function checkModes(given: ReadonlyMap<string, string>): RawVerdict | undefined {
  if (!['default', 'full'].includes(given.get('replica') ?? 'default')) return fault('replica', 'is invalid');
  const log = given.get('log') ?? 'full';
  if (log !== 'full' && log !== 'changes_only') return fault('log', 'is invalid');
  for (const flag of ['live', 'live_sse', 'experimental_live_sse']) {
    if (isSet(given.get(flag)) === undefined) return fault(flag, 'is invalid');
  }
  const live = isSet(given.get('live'));
  if (isSet(given.get('live_sse')) === true && live !== true) {
    return fault('live_sse', "can't be true unless live is also true");
  }
  return undefined;
}

function checkCombination(offset: Offset, given: ReadonlyMap<string, string>): RawVerdict | undefined {
  const live = isSet(given.get('live')) === true;
  if (live && offset.kind === 'before_all') return fault('live', "can't be true when offset == -1");
  if (live && offset.kind === 'now') return fault('live', "can't be true when offset is 'now'");
  const handle = given.get('handle') ?? '';
  const needsHandle = offset.kind === 'snapshot' || offset.kind === 'log';
  if (needsHandle && handle === '') return fault('handle', "can't be blank when offset != -1");
  return handle.length > MAX_HANDLE_CHARACTERS ? fault('handle', 'is invalid') : undefined;
}

/** Values of `params[1]`, `params[2]`, …; a fault where they are not numbered from 1 without a gap. */
function readParams(given: ReadonlyMap<string, string>): readonly string[] | { readonly message: string } {
  if (given.has('params')) return { message: 'is invalid' };
  const numbered: [number, string][] = [];
  for (const [name, value] of given) {
    const key = /^params\[(.*)\]$/s.exec(name)?.[1];
    if (key === undefined) continue;
    if (!/^\d{1,6}$/.test(key)) return { message: 'Parameters can only use numbers as keys' };
    numbered.push([Number(key), value]);
  }
  numbered.sort(([a], [b]) => a - b);
  if (numbered.length > MAX_PARAMS || numbered.some(([number], index) => number !== index + 1)) {
    return { message: 'Parameters must be numbered sequentially, starting from 1' };
  }
  return numbered.map(([, value]) => value);
}

/** A flag that is given without a value counts as set. */
function isSet(text: string | undefined): boolean | undefined {
  if (text === undefined || text === 'false') return false;
  return text === 'true' || text === '' ? true : undefined;
}

function fault(name: string, message: string): Extract<RawVerdict, { ok: false }> {
  return { ok: false, errors: { [name]: [message] } };
}
