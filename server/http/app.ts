import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { requestId } from 'hono/request-id';
import type { CallerEnv } from '../auth/identity.ts';
import { HaloError } from '../platform/errors.ts';
import { withLogContext } from '../platform/log-context.ts';
import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../operations/metrics.ts';
import type { AnsweredRequest } from '../operations/sentry/error-reports.ts';
import { methodsAt } from '../platform/resolved-route.ts';
import { accessLog } from './access-log.ts';
import { apiDocument } from './api-document.ts';
import { docsRoutes } from './docs-routes.ts';
import { healthRoutes } from './health-routes.ts';
import type { ReadinessCheck } from './health-routes.ts';
import { answerProblem } from './problem.ts';
import { secureHeaders } from './secure-headers.ts';
import { staticRoutes } from './static-routes.ts';
import type { StaticApp } from './static-routes.ts';
import { strictPath } from './strict-path.ts';
import { traceRequests } from './trace-requests.ts';
import { withoutSlash } from './without-slash.ts';

/** Largest body of any request, in bytes: that of a batch of mutations, and a little. */
const MAX_BODY_BYTES = 1_100_000;

export interface AppOptions {
  /** The features' routers, with whole paths. All share one root: what a router `use`s must name its paths. */
  readonly routers: readonly OpenAPIHono<CallerEnv>[];
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Told of each request, where somebody wants to know. */
  readonly trace?: (answered: AnsweredRequest) => void;
  readonly version: string;
  readonly readiness: readonly ReadinessCheck[];
  /** Which versions run on the database, this one among them; undefined: only this one is known of. */
  readonly runningVersions?: () => Promise<string[]>;
  /** What every request passes before it comes to a route, in this order. */
  readonly guards?: readonly MiddlewareHandler[];
  /** Web apps that are served; each has its own paths. */
  readonly webApps: readonly StaticApp[];
}

/** Assembles the HTTP surface: middleware, features, documents, and the web apps. */
export function createApp(options: AppOptions): OpenAPIHono {
  const { metrics, version } = options;
  const logger = options.logger.child({ component: 'http' });
  const app = new OpenAPIHono();
  app.onError((error, context) => answerProblem(error, context, logger));
  app.notFound((context) => {
    const error = nothingFor(context, methodsAt(app, context.req.path));
    return answerProblem(error, context, logger);
  });
  app.use(requestId());
  // Whatever the request leads to says so in the log.
  app.use((context, next) => withLogContext({ requestId: context.get('requestId') }, next));
  app.use(metrics.observe());
  app.use(accessLog(logger));
  if (options.trace !== undefined) app.use(traceRequests(options.trace));
  app.use(secureHeaders());
  app.use(withoutSlash(options.webApps));
  app.use(strictPath());
  for (const guard of options.guards ?? []) app.use(guard);
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => {
        const hint = `Send at most ${MAX_BODY_BYTES} bytes.`;
        throw new HaloError('body_too_large', 'The body is too large.', { status: 413, hint });
      },
    }),
  );
  app.route('/', healthRoutes(version, options.readiness, metrics, options.runningVersions));
  for (const router of options.routers) app.route('/', router);
  // Made at the first request, when all routes are there.
  let document: object | undefined;
  app.get('/openapi.json', (context) => context.json((document ??= apiDocument(app, version))));
  app.route('/', docsRoutes());
  for (const webApp of options.webApps) app.route('/', staticRoutes(webApp));
  return app;
}

function nothingFor(context: Context, methods: string[]): HaloError {
  if (methods.length === 0) {
    return new HaloError('not_found', 'There is nothing at this path.', { status: 404 });
  }
  const allow = methods.join(', ');
  context.header('allow', allow);
  return new HaloError('method_not_allowed', `${context.req.method} is not possible here.`, {
    status: 405,
    hint: `Possible: ${allow}.`,
  });
}
