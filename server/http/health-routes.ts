import { createRoute, z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { CallerEnv } from '../auth/identity.ts';
import { createRouter } from '../platform/router.ts';
import type { Metrics } from '../operations/metrics.ts';
import { HaloError, messageOf } from '../platform/errors.ts';

/** One thing that must be well for the server to be of use; `check` rejects with the reason when it is not. */
export interface ReadinessCheck {
  readonly name: string;
  check(): Promise<void>;
}

/** What became of one check. */
interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  readonly reason?: string;
}

/** A check that takes longer counts as failed. */
const CHECK_TIMEOUT_MS = 3_000;

const NO_STORE = { 'cache-control': 'no-store' };
const tags = ['status'];
const answer = <Schema>(description: string, schema: Schema) => ({
  200: { description, content: { 'application/json': { schema } } },
});

const health = createRoute({
  method: 'get',
  path: '/health',
  tags,
  summary: 'The process lives',
  responses: answer('It does', z.object({ status: z.literal('healthy'), version: z.string() })),
});
const ready = createRoute({
  method: 'get',
  path: '/ready',
  tags,
  summary: 'What the server depends on is well; else 503, naming what is not',
  responses: answer(
    'It is',
    z.object({
      status: z.literal('ready'),
      checks: z.array(z.object({ name: z.string(), ok: z.boolean(), reason: z.string().optional() })),
      versions: z
        .array(z.string())
        .openapi({ description: 'That run on its database, on whatever instance' }),
    }),
  ),
});
const prometheus = createRoute({
  method: 'get',
  path: '/metrics',
  tags,
  summary: 'Metrics in Prometheus’s form',
  description:
    'From the machine itself without a token. From elsewhere with `HALO_METRICS_TOKEN`, a service token with the scope `metrics:read`, or as an operator.',
  responses: { 200: { description: 'Exposition text', content: { 'text/plain': {} } } },
});

/** `/health` says that the process lives, `/ready` whether what it depends on is well, `/metrics` how it fares. */
export function healthRoutes(
  version: string,
  checks: readonly ReadinessCheck[],
  metrics: Metrics,
  runningVersions: () => Promise<string[]> = () => Promise.resolve([version]),
): OpenAPIHono<CallerEnv> {
  const router = createRouter<CallerEnv>();
  router.openapi(health, (context) => context.json({ status: 'healthy' as const, version }, 200, NO_STORE));
  router.openapi(ready, async (context) => {
    const results = await assertReady(checks);
    const versions = await runningVersions();
    return context.json({ status: 'ready' as const, checks: results, versions }, 200, NO_STORE);
  });
  router.openAPIRegistry.registerPath(prometheus);
  router.get(prometheus.path, async (context) => {
    return context.body(await metrics.render(), 200, { 'content-type': metrics.contentType, ...NO_STORE });
  });
  return router;
}

/** Runs all checks at once. Fails with 503 `not_ready`, which names those that are not well, where any is not. */
async function assertReady(checks: readonly ReadinessCheck[]): Promise<CheckResult[]> {
  const results = await Promise.all(checks.map(runCheck));
  const unwell = results.filter(({ ok }) => !ok).map(({ name }) => name);
  if (unwell.length === 0) return results;
  throw new HaloError('not_ready', `Not well: ${unwell.join(', ')}.`, {
    status: 503,
    details: { checks: results },
  });
}

async function runCheck(readiness: ReadinessCheck): Promise<CheckResult> {
  const { name } = readiness;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([readiness.check(), late]);
    return { name, ok: true };
  } catch (error) {
    return { name, ok: false, reason: reasonOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** The text of a system's or a driver's error names hosts and paths, which are nobody's business: its code does. */
function reasonOf(error: unknown): string {
  if (error instanceof HaloError || !(error instanceof Error)) return messageOf(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
