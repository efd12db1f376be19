import { SHAPE_HEADERS } from '@halo/shapes/protocol/headers.ts';
import { HaloError } from '../../platform/errors.ts';
import type { QueryErrors } from '../shape-query.ts';
import { unavailable } from './send-request.ts';

/** What an upstream's answer means to the reader; all that is none of his comes as an error. */
export type UpstreamVerdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'not_modified' }
  | { readonly kind: 'must_refetch'; readonly handle: string | undefined }
  | { readonly kind: 'invalid'; readonly errors: QueryErrors };

/** Parameters that readers choose; a fault of another one is the definition's, which is ours. */
const READERS = new Set([
  'offset',
  'handle',
  'live',
  'live_sse',
  'experimental_live_sse',
  'log',
  'replica',
  'subset',
]);
/** Bounds of what is passed on of the upstream's `Retry-After`, in seconds. */
const MIN_RETRY_S = 1;
const MAX_RETRY_S = 60;
/** A misconfiguration is not mended within seconds. */
const REFUSED_RETRY_S = 30;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Judges an answer by its status and, where it is 400, its body. Throws `upstream_unavailable` (503: no capacity, or a
 * fault of its own) and `upstream_refused` (502: it will not serve us; what it said is in `cause`, for the log).
 */
export function judge(status: number, headers: Headers, body: string, now: Date): UpstreamVerdict {
  switch (status) {
    case 200:
      if (headers[SHAPE_HEADERS.handle] === undefined || headers[SHAPE_HEADERS.offset] === undefined) {
        throw refused(status, 'no answer of the shape protocol');
      }
      // Not asked for; passed on, its bytes would be taken for the messages themselves.
      if ((text(headers['content-encoding']) ?? 'identity') !== 'identity') {
        throw refused(status, 'a compressed answer');
      }
      return { kind: 'pass' };
    case 304:
      return { kind: 'not_modified' };
    case 409:
      return { kind: 'must_refetch', handle: text(headers[SHAPE_HEADERS.handle]) };
    case 400: {
      const errors = readersErrors(body);
      if (errors !== undefined) return { kind: 'invalid', errors };
      break;
    }
  }
  if (status === 429 || status >= 500) {
    throw unavailable(new Error(`status ${status}`), retryAfterS(text(headers['retry-after']), now));
  }
  throw refused(status, body);
}

/** The faults, where all are of parameters that the reader chose. */
function readersErrors(body: string): QueryErrors | undefined {
  try {
    const { errors } = JSON.parse(body) as { readonly errors?: unknown };
    if (typeof errors !== 'object' || errors === null) return undefined;
    const names = Object.keys(errors);
    return names.length > 0 && names.every((name) => READERS.has(name)) ? (errors as QueryErrors) : undefined;
  } catch {
    return undefined;
  }
}

/** Seconds of a `Retry-After`, which may be a date (RFC 9110 §10.2.3); undefined where it is neither. */
function retryAfterS(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - now.getTime()) / 1000;
  if (Number.isNaN(seconds)) return undefined;
  return Math.min(MAX_RETRY_S, Math.max(MIN_RETRY_S, Math.ceil(seconds)));
}

function refused(status: number, said: string): HaloError {
  return new HaloError('upstream_refused', 'The server behind the shapes does not serve this one.', {
    status: 502,
    hint: 'An operator has to look at ELECTRIC_URL, ELECTRIC_SECRET and what the log says.',
    details: { retryAfterS: REFUSED_RETRY_S },
    cause: new Error(`status ${status}: ${said}`),
  });
}

function text(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
