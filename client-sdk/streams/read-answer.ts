import { SHAPE_HEADERS } from '@halo/shapes/protocol/headers.ts';
import { isChangeMessage } from '@halo/shapes/protocol/messages.ts';
import type { ChangeMessage, ShapeMessage } from '@halo/shapes/protocol/messages.ts';
import type { StatusError } from '../api.ts';
import { parseJson, problemOf, retryAfterMs } from '../sync/http.ts';
import type { AuthorizedOutcome } from '../sync/session.ts';
import type { StreamPosition } from './shape-request.ts';

/** A piece of a shape's log, as one answer brings it. */
export interface ShapeChunk {
  readonly changes: readonly ChangeMessage[];
  readonly position: StreamPosition & { readonly handle: string };
  readonly cursor: string | undefined;
  /** True when the answer says that nothing is left to read. */
  readonly upToDate: boolean;
  /** Every transaction up to this LSN has been read; undefined within a snapshot. */
  readonly lsn: bigint | undefined;
  /** WAL that the server had read and this stream has not; undefined within a snapshot, or where it does not say. */
  readonly behindBytes: number | undefined;
  /** False when the chunk may end within a transaction. */
  readonly whole: boolean;
  /** Characters of the answer, for bounds. */
  readonly size: number;
}

/** What the answer to a shape request means. */
export type ShapeOutcome =
  | { readonly kind: 'chunk'; readonly chunk: ShapeChunk }
  /** The server does not honour the position: read again from the beginning, with this handle if it gave one. */
  | {
      readonly kind: 'must_refetch';
      readonly handle: string | undefined;
      /** The answer breaks the protocol besides. */
      readonly error?: StatusError;
    }
  | { readonly kind: 'unreachable'; readonly retryAfterMs: number; readonly stalled: boolean }
  /** The answer breaks the protocol: a proxy strips headers, or a stranger answers. It may mend by itself. */
  | { readonly kind: 'broken'; readonly error: StatusError }
  | { readonly kind: 'refused'; readonly error: StatusError }
  | { readonly kind: 'aborted' };

/** Reads the answer to a shape request made at `from`. */
export function readShapeAnswer(from: StreamPosition, outcome: AuthorizedOutcome, now: number): ShapeOutcome {
  switch (outcome.kind) {
    case 'aborted':
      return { kind: 'aborted' };
    case 'unreachable':
      return { kind: 'unreachable', retryAfterMs: 0, stalled: outcome.stalled };
    case 'unavailable':
      return { kind: 'unreachable', retryAfterMs: outcome.retryAfterMs, stalled: false };
    case 'refused':
      return { kind: 'refused', error: outcome.error };
    case 'answered':
      break;
  }
  const { status, headers, text } = outcome;
  if (status === 200 || status === 204 || status === 304) return readChunk(from, headers, text);
  if (status === 409) return mustRefetch(headers.get(SHAPE_HEADERS.handle));
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return { kind: 'unreachable', retryAfterMs: retryAfterMs(headers, now), stalled: false };
  }
  const { code, message } = problemOf(status, text);
  return { kind: 'refused', error: { code, message } };
}

function readChunk(from: StreamPosition, headers: Headers, text: string): ShapeOutcome {
  const handle = headers.get(SHAPE_HEADERS.handle);
  const offset = headers.get(SHAPE_HEADERS.offset);
  if (handle === null) return missing(SHAPE_HEADERS.handle);
  if (offset === null) return missing(SHAPE_HEADERS.offset);
  if (from.handle !== undefined && from.offset !== '-1' && handle !== from.handle) {
    const message = 'The server answers for another handle than the one asked for.';
    return broken('handle_mismatch', message);
  }
  const messages = text === '' ? [] : parseJson(text);
  if (!Array.isArray(messages)) return broken('not_a_shape', 'The answer is no list of messages.');
  const read = readMessages(messages as ShapeMessage[]);
  if (read.mustRefetch) return { kind: 'must_refetch', handle: undefined };
  if (offset === from.offset && !read.upToDate) {
    // Asked again at once, it could go on so for ever.
    return broken(
      'no_progress',
      'The answer leads to the same place again and says of no end; a cache may give it.',
    );
  }
  return {
    kind: 'chunk',
    chunk: {
      changes: read.changes,
      position: { handle, offset },
      cursor: headers.get(SHAPE_HEADERS.cursor) ?? undefined,
      upToDate: read.upToDate,
      lsn: read.lsn,
      behindBytes: read.upToDate ? 0 : behindBytes(headers.get(SHAPE_HEADERS.head), read.lsn),
      whole: read.upToDate || read.changes.at(-1)?.headers.last === true,
      size: text.length,
    },
  };
}

function readMessages(messages: readonly ShapeMessage[]) {
  const changes: ChangeMessage[] = [];
  let upToDate = false;
  let mustRefetch = false;
  let lsn: bigint | undefined;
  for (const message of messages) {
    if (isChangeMessage(message)) {
      changes.push(message);
      if (message.headers.lsn !== undefined) lsn = BigInt(message.headers.lsn);
      continue;
    }
    const { headers } = message;
    if (headers.control === 'must-refetch') mustRefetch = true;
    if (headers.control !== 'up-to-date') continue;
    upToDate = true;
    if (/^\d+$/.test(headers.global_last_seen_lsn)) lsn = max(lsn, BigInt(headers.global_last_seen_lsn));
  }
  return { changes, upToDate, mustRefetch, lsn };
}

function behindBytes(head: string | null, lsn: bigint | undefined): number | undefined {
  if (head === null || !/^\d+$/.test(head) || lsn === undefined) return undefined;
  return Math.max(0, Number(BigInt(head) - lsn));
}

function max(a: bigint | undefined, b: bigint): bigint {
  return a === undefined || a < b ? b : a;
}

function mustRefetch(handle: string | null): ShapeOutcome {
  if (handle !== null) return { kind: 'must_refetch', handle };
  return { kind: 'must_refetch', handle: undefined, error: lacks(SHAPE_HEADERS.handle) };
}

function missing(header: string): ShapeOutcome {
  return { kind: 'broken', error: lacks(header) };
}

function lacks(header: string): StatusError {
  return {
    code: 'missing_header',
    message: `The answer lacks the header ${header}; a proxy may strip it.`,
  };
}

function broken(code: string, message: string): ShapeOutcome {
  return { kind: 'broken', error: { code, message } };
}
