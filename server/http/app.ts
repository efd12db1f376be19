import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import type { CallerEnv } from '../auth/identity.ts';
import { HaloError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../operations/metrics.ts';
import { docsRoutes } from './docs-routes.ts';
import { healthRoutes } from './health-routes.ts';
import type { ReadinessCheck } from './health-routes.ts';
import { answerProblem } from './problem.ts';
import { secureHeaders } from './secure-headers.ts';
import { staticRoutes } from './static-routes.ts';
import { strictPath } from './strict-path.ts';

/** Largest body of any request, in bytes: that of a batch of mutations, and a little. */
const MAX_BODY_BYTES = 1_100_000;

export interface AppOptions {
  /** Routers of the features. */
  readonly routers: readonly OpenAPIHono<CallerEnv>[];
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly version: string;
  readonly readiness: readonly ReadinessCheck[];
  /** Built files of the field app; undefined where there are none. */
  readonly staticDir: string | undefined;
}

/** Assembles the HTTP surface: middleware, features, documents, and the field app at `/`. */
export function createApp(options: AppOptions): OpenAPIHono {
  const { logger, metrics, version } = options;
  const app = new OpenAPIHono();
  app.onError((error, context) => answerProblem(error, context, logger));
  app.notFound((context) => {
    const error = new HaloError('not_found', 'There is nothing at this path.', { status: 404 });
    return answerProblem(error, context, logger);
  });
  app.use(metrics.observe());
  app.use(secureHeaders());
  app.use(strictPath());
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => {
        const hint = `Send at most ${MAX_BODY_BYTES} bytes.`;
        throw new HaloError('body_too_large', 'The body is too large.', { status: 413, hint });
      },
    }),
  );
  app.route('/', healthRoutes(version, options.readiness, metrics));
  for (const router of options.routers) app.route('/', router);
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  app.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'Halo', version } });
  app.route('/', docsRoutes());
  if (options.staticDir !== undefined) app.route('/', staticRoutes(options.staticDir));
  return app;
}
