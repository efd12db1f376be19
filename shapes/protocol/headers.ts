/** Response headers of the Electric shape protocol, and one of our own. */
export const SHAPE_HEADERS = {
  handle: 'electric-handle',
  offset: 'electric-offset',
  schema: 'electric-schema',
  cursor: 'electric-cursor',
  upToDate: 'electric-up-to-date',
  hasData: 'electric-has-data',
  /** Set where the answer is a subset of the shape's rows, and no part of its log. */
  snapshot: 'electric-snapshot',
  /** LSN up to which the server had read the WAL: what lies between it and a reader is how far he is behind. */
  head: 'halo-head',
} as const;

/** Query parameters that belong to the protocol; every other one is a parameter of the shape. */
export const PROTOCOL_PARAMS = [
  'offset',
  'handle',
  'live',
  'live_sse',
  'experimental_live_sse',
  'cursor',
  'replica',
  'log',
  'session',
  'cache-buster',
  'expired_handle',
] as const;
