import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Context } from 'hono';

/** A connection that was taken out of HTTP's hands. */
export interface TakenConnection {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What came behind the request already. */
  readonly head: Buffer;
}

/** A request's wish to speak another protocol on its connection. */
export interface Upgrade {
  /** The request's target as it was sent: a URL made of it has its dot segments resolved. */
  readonly target: string;
  /** Takes the connection; whoever does answers on it, and closes it. */
  take(): TakenConnection;
}

/** What the listener hands to the app beside a request. */
export interface UpgradeBindings {
  readonly upgrade?: Upgrade;
}

/** The wish of the request that is being answered; undefined where it has none. */
export function upgradeOf(context: Pick<Context, 'env'>): Upgrade | undefined {
  // Not called through a socket, there is no environment.
  return (context.env as UpgradeBindings | undefined)?.upgrade;
}
