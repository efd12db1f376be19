import { PROTOCOL_PARAMS } from '@halo/shapes/protocol/headers.ts';
import { parseOffset } from '@halo/shapes/protocol/offset.ts';
import type { Offset } from '@halo/shapes/protocol/offset.ts';
import type { LogMode, ReplicaMode, SubsetQuery } from '../shape-engine/shape-engine.ts';
import { isOfSubset, readSubset, subsetOfBody } from './subset-query.ts';
import type { SubsetErrors, SubsetFields } from './subset-query.ts';

/** The protocol's part of a request, read and checked. */
export interface ShapeQuery {
  readonly offset: Offset;
  readonly handle: string | null;
  readonly expiredHandle: string | null;
  readonly live: boolean;
  /** As a stream of events; only with `live`. */
  readonly events: boolean;
  readonly cursor: string | null;
  readonly replica: ReplicaMode;
  readonly log: LogMode;
  readonly session: string | null;
  /** A part of the shape's rows, and nothing of its log; null where it is not asked for. */
  readonly subset: Omit<SubsetQuery, 'columns'> | null;
  /** What is left: parameters of the shape. */
  readonly params: Readonly<Record<string, string>>;
}

/** Faults by parameter, in the words of Electric's 400 answers. */
export type QueryErrors = Readonly<Record<string, readonly string[] | SubsetErrors>>;

export type QueryVerdict =
  { readonly ok: true; readonly query: ShapeQuery } | { readonly ok: false; readonly errors: QueryErrors };

/** A handle longer than this is none. */
const MAX_HANDLE_CHARACTERS = 200;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const KNOWN: ReadonlySet<string> = new Set(PROTOCOL_PARAMS);

/** The parameters of a request: as they stand in its query, and the fields of a subset that its body holds. */
export interface ShapeParameters {
  readonly given: Readonly<Record<string, readonly string[]>>;
  /** Counts before what the query says of a subset. */
  readonly subset?: SubsetFields;
}

/**
 * The parameters of a request with a body. With the subset under `subset`, its other texts are parameters too, and
 * count before those of the query.
 */
export function withBody(
  given: ShapeParameters['given'],
  body: Readonly<Record<string, unknown>>,
): ShapeParameters {
  const subset = subsetOfBody(body);
  if (body['subset'] === undefined) return { given, subset };
  const texts = Object.entries(body).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return { given: { ...given, ...Object.fromEntries(texts.map(([name, text]) => [name, [text]])) }, subset };
}

/** Reads the parameters of a shape request; each may be given once. */
export function readShapeQuery({ given, subset: fields }: ShapeParameters): QueryVerdict {
  const protocol: Record<string, string> = {};
  const params: Record<string, string> = {};
  const ofSubset = new Map<string, string>();
  for (const [name, values] of Object.entries(given)) {
    if (values.length !== 1) return fault(name, 'must be given once');
    if (KNOWN.has(name)) protocol[name] = values[0]!;
    else if (isOfSubset(name)) ofSubset.set(name, values[0]!);
    else params[name] = values[0]!;
  }
  const offset = protocol['offset'] ? parseOffset(protocol['offset']) : undefined;
  if (offset === undefined)
    return fault('offset', protocol['offset'] ? 'has invalid format' : "can't be blank");
  const live = readFlag(protocol['live']);
  if (live === undefined) return fault('live', 'is invalid');
  const handle = protocol['handle'] || null;
  const wrong = checkCombination(offset, live, handle) ?? checkModes(protocol, live);
  if (wrong !== undefined) return wrong;
  const subset = readSubset(ofSubset, fields);
  if (subset?.ok === false) return { ok: false, errors: { subset: subset.errors } };
  return {
    ok: true,
    query: {
      offset,
      handle,
      expiredHandle: protocol['expired_handle'] || null,
      live,
      events: wantsEvents(protocol) === true,
      cursor: protocol['cursor'] ?? null,
      replica: protocol['replica'] === 'full' ? 'full' : 'default',
      log: protocol['log'] === 'changes_only' ? 'changes_only' : 'full',
      session: protocol['session'] ?? null,
      subset: subset?.subset ?? null,
      params,
    },
  };
}

function checkCombination(offset: Offset, live: boolean, handle: string | null): QueryVerdict | undefined {
  if (live && offset.kind === 'before_all') return fault('live', "can't be true when offset == -1");
  if (live && offset.kind === 'now') return fault('live', "can't be true when offset is 'now'");
  const needsHandle = offset.kind === 'snapshot' || offset.kind === 'log';
  if (needsHandle && handle === null) return fault('handle', "can't be blank when offset != -1");
  if (handle !== null && handle.length > MAX_HANDLE_CHARACTERS) return fault('handle', 'is invalid');
  return undefined;
}

function checkModes(protocol: Readonly<Record<string, string>>, live: boolean): QueryVerdict | undefined {
  const { replica, log, session } = protocol;
  if (replica !== undefined && replica !== 'default' && replica !== 'full')
    return fault('replica', 'is invalid');
  if (log !== undefined && log !== 'full' && log !== 'changes_only') return fault('log', 'is invalid');
  const events = wantsEvents(protocol);
  if (events === undefined) return fault('live_sse', 'is invalid');
  if (events && !live) return fault('live_sse', "can't be true unless live is also true");
  if (session !== undefined && !UUID.test(session)) return fault('session', 'is invalid');
  return undefined;
}

/** Electric's client sends both names. */
function wantsEvents(protocol: Readonly<Record<string, string>>): boolean | undefined {
  const flags = [readFlag(protocol['live_sse']), readFlag(protocol['experimental_live_sse'])];
  return flags.includes(undefined) ? undefined : flags.includes(true);
}

/** A flag that is given without a value counts as set. */
function readFlag(text: string | undefined): boolean | undefined {
  if (text === undefined || text === 'false') return false;
  return text === 'true' || text === '' ? true : undefined;
}

function fault(name: string, message: string): QueryVerdict {
  return { ok: false, errors: { [name]: [message] } };
}
