import { readFile, stat } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { HaloError } from '../platform/errors.ts';
import type { Validators } from './feed-polls.ts';

/** What a source answered. */
export type FeedAnswer =
  | {
      readonly kind: 'body';
      readonly bytes: Uint8Array;
      readonly httpStatus: number | null;
      readonly validators: Validators;
    }
  | { readonly kind: 'not_modified'; readonly validators: Validators };

/** How a source is asked. */
export interface FetchParts {
  readonly fetch: typeof fetch;
  readonly userAgent: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/**
 * Asks a source (`http:`, `https:` or `file:`) for its list, conditionally where `known` says what is held.
 * Fails with `feed_timeout`, `feed_unreachable`, `feed_http_status` (`details.httpStatus`), `feed_too_large`
 * or `feed_file_unreadable`; with the signal's reason when that aborts.
 */
export async function fetchFeed(
  url: string,
  known: Validators,
  parts: FetchParts,
  signal: AbortSignal,
): Promise<FeedAnswer> {
  if (url.startsWith('file:')) return readFeedFile(url, parts.maxBytes);
  const timeout = AbortSignal.timeout(parts.timeoutMs);
  try {
    return await request(url, known, parts, AbortSignal.any([signal, timeout]));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof HaloError) throw error;
    if (timeout.aborted)
      throw new HaloError('feed_timeout', `The feed did not answer within ${parts.timeoutMs} ms.`);
    throw new HaloError('feed_unreachable', 'The feed could not be reached.', { cause: error });
  }
}

async function request(
  url: string,
  known: Validators,
  { fetch, userAgent, maxBytes }: FetchParts,
  signal: AbortSignal,
): Promise<FeedAnswer> {
  const headers = new Headers({ 'user-agent': userAgent, accept: 'application/json' });
  if (known.etag !== null) headers.set('if-none-match', known.etag);
  if (known.lastModified !== null) headers.set('if-modified-since', known.lastModified);
  // Who moves the feed shall not choose what of this network is asked instead: a redirect is a status like others.
  const response = await fetch(url, { headers, signal, redirect: 'manual' });
  const validators = {
    etag: response.headers.get('etag'),
    lastModified: response.headers.get('last-modified'),
  };
  // Without a condition there is nothing that could be unmodified: such a 304 is a broken answer.
  if (response.status === 304 && (known.etag ?? known.lastModified) !== null) {
    // A 304 need not repeat what it was asked about.
    const { etag, lastModified } = validators;
    return {
      kind: 'not_modified',
      validators: { etag: etag ?? known.etag, lastModified: lastModified ?? known.lastModified },
    };
  }
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new HaloError('feed_http_status', `The feed answered ${response.status}.`, {
      details: { httpStatus: response.status },
    });
  }
  const bytes = await readBounded(response, maxBytes);
  return { kind: 'body', bytes, httpStatus: response.status, validators };
}

/** Reads a body, decompressed by `fetch`, and stops at the bound rather than trust what it claims to be. */
async function readBounded(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of response.body ?? []) {
    const bytes = chunk as Uint8Array;
    total += bytes.byteLength;
    if (total > maxBytes) throw tooLarge(maxBytes);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, total);
}

async function readFeedFile(url: string, maxBytes: number): Promise<FeedAnswer> {
  const bytes = await readFileBounded(url, maxBytes);
  return { kind: 'body', bytes, httpStatus: null, validators: { etag: null, lastModified: null } };
}

async function readFileBounded(url: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const path = fileURLToPath(url);
    const { size } = await stat(path);
    if (size > maxBytes) throw tooLarge(maxBytes);
    const bytes = await readFile(path);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return isGzip ? gunzipSync(bytes, { maxOutputLength: maxBytes }) : bytes;
  } catch (error) {
    if (error instanceof HaloError) throw error;
    throw new HaloError('feed_file_unreadable', 'The file of the feed cannot be read.', {
      cause: error,
      hint: 'Check POLISEN_FEED_URL.',
    });
  }
}

function tooLarge(maxBytes: number): HaloError {
  return new HaloError('feed_too_large', `The feed's answer is larger than ${maxBytes} bytes.`);
}
