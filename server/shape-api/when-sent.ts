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
