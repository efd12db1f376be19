import type { OpenAPIHono } from '@hono/zod-openapi';
import { HISTORY_MAX_POINTS } from '@halo/shapes/protocol/sync-history.ts';
import type { CallerEnv, RequireCaller } from '../auth/identity.ts';
import type { Pool } from '../db/pool.ts';
import type { Clock } from '../platform/clock.ts';
import { HaloError } from '../platform/errors.ts';
import { historyRoute } from './declare-history.ts';
import { readMinutes } from './history-store.ts';
import { inSteps, shortestStep, stepsBetween } from './sync-history.ts';

/** How far back is told without `from`, in milliseconds. */
const BACK_MS = 6 * 3_600_000;

/** The route that tells how the sync fared. */
export function addHistory(
  router: OpenAPIHono<CallerEnv>,
  { pool, requireCaller, clock }: { pool: Pool; requireCaller: RequireCaller; clock: Clock },
): void {
  router.openapi(historyRoute(requireCaller), async (c) => {
    const query = c.req.valid('query');
    const to = query.to ?? clock.now();
    const from = query.from ?? new Date(to.getTime() - BACK_MS);
    const [fromMs, toMs] = [from.getTime(), to.getTime()];
    if (fromMs >= toMs) throw wrong('from', '`from` must be before `to`.');
    const stepSeconds = query.step ?? shortestStep(fromMs, toMs);
    if (stepsBetween(fromMs, toMs, stepSeconds) > HISTORY_MAX_POINTS)
      throw wrong(
        'step',
        `That is more than ${HISTORY_MAX_POINTS} points: a longer step, or less time, is needed.`,
      );
    // The first step is a whole one, too.
    const first = new Date(Math.floor(fromMs / stepSeconds / 1000) * stepSeconds * 1000);
    const points = inSteps(await readMinutes(pool, first, to), stepSeconds);
    const answer = { from: from.toISOString(), to: to.toISOString(), stepSeconds, points };
    return c.json(answer, 200, { 'cache-control': 'private, no-store' });
  });
}

function wrong(field: string, message: string): HaloError {
  return new HaloError('invalid_request', message, { status: 400, field });
}
