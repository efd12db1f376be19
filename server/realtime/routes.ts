import type { OpenAPIHono } from '@hono/zod-openapi';
import { createRoute } from '@hono/zod-openapi';
import { CLOSE_CODES, REALTIME_PATH } from '@halo/shapes/protocol/realtime.ts';
import { PROBLEM_MEDIA_TYPE, problemSchema } from '@halo/shapes/protocol/problem.ts';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import type { Context } from 'hono';
import type { CallerEnv, IdentifyCaller } from '../auth/identity.ts';
import type { ClientAddress } from '../platform/client-address.ts';
import { HaloError } from '../platform/errors.ts';
import { createRouter } from '../platform/router.ts';
import { upgradeOf } from '../platform/upgrade.ts';
import { permit } from './access.ts';
import type { Hub } from './hub.ts';
import { mayOpenSocket } from './origin.ts';

export interface RealtimeRoutesOptions {
  /** Undefined where another server answers the shapes: there is no log here to follow. */
  readonly hub: Hub | undefined;
  readonly definition: ShapeDefinition;
  readonly identify: IdentifyCaller;
  readonly addressOf: ClientAddress;
  /** Origins of web apps elsewhere whose pages may open sockets. */
  readonly origins: readonly string[];
}

/** The route that opens a WebSocket. */
export function realtimeRoutes(options: RealtimeRoutesOptions): OpenAPIHono<CallerEnv> {
  const router = createRouter<CallerEnv>();
  router.openapi(ROUTE, (c) => openSocket(c, options));
  return router;
}

async function openSocket(c: Context<CallerEnv>, options: RealtimeRoutesOptions): Promise<Response> {
  const { hub, definition, identify, addressOf, origins } = options;
  const upgrade = upgradeOf(c);
  checkTarget(upgrade?.target);
  checkHandshake(c, upgrade !== undefined);
  if (!mayOpenSocket(c.req.header('origin'), c.req.header('host'), origins)) {
    throw new HaloError('origin_forbidden', 'Pages of other sites may not open a socket here.', {
      status: 403,
    });
  }
  if (hub === undefined) {
    const message = 'Another server answers the shapes, and has no sockets.';
    throw new HaloError('realtime_unavailable', message, { status: 404, hint: 'Follow the shape instead.' });
  }
  const header = c.req.header('authorization');
  const caller = header === undefined ? undefined : await identify.byHeader(header);
  if (caller !== undefined) permit(definition, caller);
  const release = hub.reserve(addressOf(c));
  hub.open(upgrade!.take(), caller, release);
  return new Response(null, { headers: ANSWERED });
}

/** What Hono's Node adapter reads as: somebody else has answered. */
const ANSWERED = { 'x-hono-already-sent': 'true' };
const KEY = /^[+/0-9A-Za-z]{22}==$/;
const VERSION = '13';

/** One spelling, and no query: a token in an address would be kept in logs and histories. */
function checkTarget(target: string | undefined): void {
  if (target === undefined || target === REALTIME_PATH) return;
  if (!target.startsWith(`${REALTIME_PATH}?`)) {
    throw new HaloError('not_found', 'There is nothing at this path.', { status: 404 });
  }
  throw new HaloError('unknown_parameter', 'The socket takes no parameters.', {
    status: 400,
    hint: 'The token goes into the header Authorization or the first message.',
  });
}

/** RFC 6455 §4.2.1. */
function checkHandshake(c: Context<CallerEnv>, isUpgrade: boolean): void {
  if (!isUpgrade || c.req.header('upgrade')?.toLowerCase() !== 'websocket') {
    c.header('upgrade', 'websocket');
    throw new HaloError('upgrade_required', 'This is a WebSocket.', {
      status: 426,
      hint: 'Open it with a WebSocket client.',
    });
  }
  if (c.req.header('sec-websocket-version') !== VERSION) {
    c.header('sec-websocket-version', VERSION);
    throw new HaloError('upgrade_required', 'This version of WebSocket is not spoken here.', {
      status: 426,
      hint: `Speak version ${VERSION}.`,
    });
  }
  if (KEY.test(c.req.header('sec-websocket-key') ?? '')) return;
  throw new HaloError('handshake_invalid', 'The header Sec-WebSocket-Key is missing or wrong.', {
    status: 400,
  });
}

const problem = (description: string) => ({
  description,
  content: { [PROBLEM_MEDIA_TYPE]: { schema: problemSchema } },
});

const closeCodes = Object.entries(CLOSE_CODES)
  .map(([reason, code]) => `${code} ${reason}`)
  .join(', ');

const ROUTE = createRoute({
  method: 'get',
  path: REALTIME_PATH,
  tags: ['realtime'],
  summary: 'Follow incidents, and hear of new predictions, over a WebSocket',
  description:
    'JSON in text messages. A client sends `{"type":"subscribe","subscriptions":[{"id":…}],"since":…}`; a subscription has ' +
    'an `area` (a code), a `circle` (`lat`, `lon`, `radiusM` up to 100,000), `minSeverity` and `types`, of which all given hold. The ' +
    'answer is `subscribed` with `handle` and `offset`, then a `change` for each change, once, with the ids of all ' +
    'subscriptions that it concerns and `insert`, `update`, `leave` or `delete` for each. ' +
    'With `kinds` of `predictions`, too or alone, there is a message `predictions` for each run that changed some in the county of the ' +
    'area or near the circle; it is not told again. `since`, a `handle` and an ' +
    '`offset` that came before, goes on behind them; `offset_trimmed` says that the log does not reach back so far. ' +
    'The token is in the header `Authorization`, or in the first message, `{"type":"auth","token":…}`, within 10 s; a new ' +
    `one of the same account may follow. The server closes with ${closeCodes}. The whole protocol is in the package ` +
    '@halo/shapes, `protocol/realtime.ts`.',
  security: [{ bearer: [] }, {}],
  responses: {
    101: { description: 'The connection is a WebSocket now' },
    400: problem('The handshake is wrong, or the address has a query'),
    401: problem('The token does not hold'),
    403: problem('The role may not follow incidents, or the page is of another site'),
    404: problem('Another server answers the shapes'),
    426: problem('The request asks for no WebSocket, or for another version'),
    429: problem('Too many sockets of this address'),
    503: problem('Too many sockets, not ready or stopping: try again after `Retry-After`'),
  },
});
