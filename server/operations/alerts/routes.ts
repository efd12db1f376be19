import { createRoute, z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { alertListSchema } from '@halo/shapes/protocol/alerts.ts';
import type { AlertAnswer, AlertTrial } from '@halo/shapes/protocol/alerts.ts';
import { recordAct } from '../../audit/audit-log.ts';
import type { Caller, CallerEnv, RequireCaller } from '../../auth/identity.ts';
import type { Pool } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';
import { readPage } from '../../platform/keyset-page.ts';
import { answers, COMMON_FAULTS, cursor, limit, problem } from '../../platform/route-parts.ts';
import { createRouter } from '../../platform/router.ts';
import { ALERT_KINDS } from './alert.ts';
import type { AlertRecord } from './alert.ts';
import { listAlerts } from './alert-store.ts';
import { runbookOf } from './places.ts';
import type { AlertPlaces } from './places.ts';
import { trialRoute } from './trial-route.ts';
import type { Webhook } from './webhook.ts';

const EXAMPLE: AlertAnswer = {
  id: '01980a3c-7c00-7000-8000-000000000901',
  name: 'feed_silent',
  severity: 'warning',
  subject: 'polisen',
  instance: 'halo-1/0123456789ab',
  what: 'It last gave something at 2026-11-25T11:05:00.000Z; the last poll came to feed_unreachable.',
  since: '2026-11-25T11:05:00.000Z',
  raisedAt: '2026-11-25T11:35:07.000Z',
  toldAt: '2026-11-25T11:35:07.000Z',
  clearedAt: null,
  runbook: 'docs/runbook.md#feed_silent',
};

function alertsRoute(requireCaller: RequireCaller) {
  return createRoute({
    method: 'get',
    path: '/api/v1/admin/alerts',
    tags: ['operators'],
    security: [{ bearer: [] }],
    middleware: requireCaller(['operator']),
    summary: 'What is wrong, and what was, the newest first',
    description:
      'Instances write down what they see; one that cannot reach Postgres does so when it can again, and tells the webhook at once.',
    request: {
      query: z.strictObject({
        state: z.enum(['open', 'cleared']).optional().openapi({ example: 'open' }),
        cursor: cursor(),
        limit: limit(50, 200),
      }),
    },
    responses: {
      200: answers('Alerts', alertListSchema, { alerts: [EXAMPLE], nextCursor: null }),
      ...COMMON_FAULTS,
      403: problem('Only operators may see this'),
    },
  });
}

/** What the routes need from outside. */
export interface AlertRoutesParts {
  readonly pool: Pool;
  readonly requireCaller: RequireCaller;
  /** With the limit of trials: each makes a sound somewhere. */
  readonly requireTrier: RequireCaller;
  readonly webhook: Pick<Webhook, 'trial'> | undefined;
  readonly places: AlertPlaces;
}

const NO_STORE = { 'cache-control': 'private, no-store' };

/** What operators see of alerts, and how they try whether these reach anybody. */
export function alertRoutes({
  pool,
  requireCaller,
  requireTrier,
  webhook,
  places,
}: AlertRoutesParts): OpenAPIHono<CallerEnv> {
  const router = createRouter<CallerEnv>();
  router.openapi(alertsRoute(requireCaller), async (c) => {
    const { state, ...page } = c.req.valid('query');
    const { items, nextCursor } = await readPage(page, ['alerts', state], (after, most) =>
      listAlerts(pool, { state }, after, most),
    );
    return c.json({ alerts: items.map((record) => answerOf(record, places)), nextCursor }, 200, NO_STORE);
  });
  router.openapi(trialRoute(requireTrier), async (c) => {
    return c.json(await tryWebhook(pool, webhook, c.get('caller'), c.req.raw.signal), 200, NO_STORE);
  });
  return router;
}

/** Written down before it is sent: what made a sound somewhere has an entry. */
async function tryWebhook(
  pool: Pool,
  webhook: AlertRoutesParts['webhook'],
  caller: Caller,
  signal: AbortSignal,
): Promise<AlertTrial> {
  if (webhook === undefined) return { outcome: 'no_webhook', reason: null };
  const act = { action: 'alerts.tried' as const, target: { kind: 'webhook', id: 'alerts' } };
  await inTransaction(pool, (tx) => recordAct(tx, caller, act));
  const fault = await webhook.trial(signal);
  return { outcome: fault === undefined ? 'taken' : 'refused', reason: fault ?? null };
}

function answerOf(
  { tellFrom: _, clearToldAt: __, ...record }: AlertRecord,
  places: AlertPlaces,
): AlertAnswer {
  return {
    ...record,
    // One of another version may have left an alert that this one does not know.
    severity: record.name in ALERT_KINDS ? ALERT_KINDS[record.name].severity : 'warning',
    since: record.since.toISOString(),
    raisedAt: record.raisedAt.toISOString(),
    toldAt: record.toldAt?.toISOString() ?? null,
    clearedAt: record.clearedAt?.toISOString() ?? null,
    runbook: runbookOf(record.name, places),
  };
}
