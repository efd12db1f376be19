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

/**
 * Header in which a device tells of itself, with requests that it sends anyway: `id=…&v=…&p=…&r=…&o=…&e=…`, as a query is
 * written (`deviceReportSchema`). What is missing is not known; what is not well formed is not believed.
 */
export const DEVICE_HEADER = 'halo-device';

/** Header of an answer that asks the device to compare its replica; its value is the id of the check. */
export const CHECK_HEADER = 'halo-check';

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
