import { parseOffset } from '@halo/shapes/protocol/offset.ts';
import { PROTOCOL_PARAMS } from '@halo/shapes/protocol/headers.ts';

/** Longest name of a shape with its parameters that is kept, in characters. */
const MAX_SHAPE_CHARACTERS = 300;
const OF_PROTOCOL: ReadonlySet<string> = new Set(PROTOCOL_PARAMS);

/** What a request for a shape proves of its reader. */
export interface AskedPosition {
  /** The shape with its parameters, as the client names it: `incidents?region=01`. */
  readonly shape: string;
  readonly phase: 'snapshot' | 'catching_up' | 'live';
  readonly offset: string;
  /** The client's run; another one has begun all its shapes again. */
  readonly run: string;
  /** It looks now and then instead of waiting: such a client makes each address another. */
  readonly looks: boolean;
  /** It waits for a stream of events, in which it asks nothing. */
  readonly events: boolean;
}

/** Reads a request's query; undefined where it is no reading of the shape's log. */
export function readPosition(name: string, query: URLSearchParams): AskedPosition | undefined {
  const offset = query.get('offset');
  const parsed = offset === null ? undefined : parseOffset(offset);
  if (offset === null || parsed === undefined) return undefined;
  const names = [...query.keys()];
  if (names.some((each) => each.startsWith('subset__'))) return undefined;
  const params = new URLSearchParams([...query].filter(([each]) => !OF_PROTOCOL.has(each)));
  params.sort();
  const shape = params.size === 0 ? name : `${name}?${params.toString()}`;
  if (shape.length > MAX_SHAPE_CHARACTERS) return undefined;
  const live = isSet(query.get('live'));
  const phase = parsed.kind !== 'log' ? 'snapshot' : live ? 'live' : 'catching_up';
  return {
    shape,
    phase,
    offset,
    run: query.get('session')?.slice(0, 64) ?? '',
    looks: live && query.has('cache-buster'),
    events: live && (isSet(query.get('live_sse')) || isSet(query.get('experimental_live_sse'))),
  };
}

/** A flag without a value counts as set. */
function isSet(text: string | null): boolean {
  return text !== null && text !== 'false';
}
