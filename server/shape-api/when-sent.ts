import type { ServerResponse } from 'node:http';
import type { Context } from 'hono';

/** Node's answer behind the request; a request that a test makes by hand has none. */
export function outgoingOf(context: Context): ServerResponse | undefined {
  return (context.env as { outgoing?: ServerResponse } | undefined)?.outgoing;
}

/** Calls `then` when the system has taken the whole answer; never where its connection breaks before. */
export function whenSent(context: Context, then: () => void): void {
  outgoingOf(context)?.once('finish', then);
}

/**
 * Goes on with `next`, and calls `release` when the last byte of the answer has left, or its connection broke. Without a connection of its
 * own the answer is whole when `next` is done; of a closed one nothing more is heard.
 */
export async function heldUntilSent(
  context: Context,
  release: () => void,
  next: () => Promise<void>,
): Promise<void> {
  const outgoing = outgoingOf(context);
  outgoing?.once('close', release);
  try {
    await next();
  } finally {
    if (outgoing === undefined || outgoing.closed || outgoing.destroyed) release();
  }
}
