import type { Context, Env } from 'hono';

const MAX_USER_AGENT = 300;
const MAX_APP = 60;
const VISIBLE = /[^\x20-\x7e]/g;

/** What a device says of itself when it gets tokens: a claim, shown to its owner so that he knows it again. */
export interface ClientInfo {
  readonly userAgent: string | null;
  /** Name and version of the app: the header `Halo-App`. */
  readonly app: string | null;
}

/** Reads it from a request's headers, cut and without what cannot be seen. */
export function clientInfoOf<E extends Env>(context: Context<E>): ClientInfo {
  return {
    userAgent: visible(context.req.header('user-agent'), MAX_USER_AGENT),
    app: visible(context.req.header('halo-app'), MAX_APP),
  };
}

function visible(text: string | undefined, max: number): string | null {
  const seen = (text ?? '').replaceAll(VISIBLE, '').trim().slice(0, max);
  return seen === '' ? null : seen;
}
