/** Response headers of the Electric shape protocol. */
export const SHAPE_HEADERS = {
  handle: 'electric-handle',
  offset: 'electric-offset',
  schema: 'electric-schema',
  cursor: 'electric-cursor',
  upToDate: 'electric-up-to-date',
  hasData: 'electric-has-data',
} as const;

/** Query parameters that belong to the protocol; every other one is a parameter of the shape. */
export const PROTOCOL_PARAMS = [
  'offset',
  'handle',
  'live',
  'live_sse',
  'cursor',
  'replica',
  'log',
  'session',
  'cache-buster',
  'expired_handle',
] as const;
