import { OpenAPIHono } from '@hono/zod-openapi';
import type { Metrics } from '../operations/metrics.ts';
import { messageOf } from '../platform/errors.ts';

/** One thing that must be well for the server to be of use; `check` rejects with the reason when it is not. */
export interface ReadinessCheck {
  readonly name: string;
  check(): Promise<void>;
}

/** A check that takes longer counts as failed. */
const CHECK_TIMEOUT_MS = 3_000;

/** `/health` says that the process lives, `/ready` whether what it depends on is well, `/metrics` how it fares. */
export function healthRoutes(
  version: string,
  checks: readonly ReadinessCheck[],
  metrics: Metrics,
): OpenAPIHono {
  const router = new OpenAPIHono();
  router.get('/health', (context) => {
    return context.json({ status: 'healthy', version }, 200, { 'cache-control': 'no-store' });
  });
  router.get('/ready', async (context) => {
    const results = await Promise.all(checks.map(runCheck));
    const ready = results.every(({ ok }) => ok);
    const body = { status: ready ? 'ready' : 'not_ready', checks: results };
    return context.json(body, ready ? 200 : 503, { 'cache-control': 'no-store' });
  });
  router.get('/metrics', async (context) => {
    return context.body(await metrics.render(), 200, { 'content-type': metrics.contentType });
  });
  return router;
}

async function runCheck(readiness: ReadinessCheck): Promise<{ name: string; ok: boolean; reason?: string }> {
  const { name } = readiness;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([readiness.check(), late]);
    return { name, ok: true };
  } catch (error) {
    return { name, ok: false, reason: messageOf(error) };
  } finally {
    clearTimeout(timer);
  }
}
