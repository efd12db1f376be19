import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Role } from '@halo/shapes/protocol/auth.ts';
import { uuidv7 } from 'uuidv7';
import { areaRoutes } from '../../server/areas/routes.ts';
import { auditRoutes } from '../../server/audit/routes.ts';
import { accountRoutes } from '../../server/auth/account-routes.ts';
import type { RequireCaller } from '../../server/auth/identity.ts';
import { originOf } from '../../server/auth/request-origin.ts';
import { createPasswords } from '../../server/auth/passwords.ts';
import { writeRoutes } from '../../server/compose/write-routes.ts';
import type { WriteRoutesParts } from '../../server/compose/write-routes.ts';
import type { Pool } from '../../server/db/pool.ts';
import { createApp } from '../../server/http/app.ts';
import { createRunTrigger } from '../../server/predictions/run-trigger.ts';
import type { RunTrigger } from '../../server/predictions/run-trigger.ts';
import { predictionRoutes } from '../../server/predictions/api/routes.ts';
import { MutationTally } from '../../server/mutations/mutation-tally.ts';
import type { Leases } from '../../server/jobs/job.ts';
import { alertRoutes } from '../../server/operations/alerts/routes.ts';
import { restoreRoutes } from '../../server/operations/backups/routes.ts';
import { createMetrics } from '../../server/operations/metrics.ts';
import { HaloError } from '../../server/platform/errors.ts';
import { resolvedRoute } from '../../server/platform/resolved-route.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { NO_AUTH_LIMITS } from '../support/auth.ts';
import { UNLIMITED } from '../../server/platform/rate-limit.ts';
import { createReportWriter } from '../../server/reports/report-writer.ts';
import { createLocalHistories } from '../../server/predictions/local-histories.ts';
import { inspectorOf } from '../support/inspector.ts';
import { plainForecaster } from '../support/plain-forecaster.ts';
import { addUsers, gazetteer, NOW, reportArgs } from './mutations-support.ts';

/** People of each role, by name. */
export type People = Readonly<Record<'ada' | 'bo' | 'officer' | 'operator', string>>;

/** Where all who ask are. */
export const ADDRESS = '192.0.2.1';

/** There is one instance. */
const FREE_LEASES: Leases = {
  tryAcquire: () => Promise.resolve({ lost: new AbortController().signal, release: () => Promise.resolve() }),
};

/** The whole surface of reports and incidents over a database, and people who may ask. The token is the user's id. */
export async function startRest(
  pool: Pool,
  limits: WriteRoutesParts['limits'] = {
    mutations: UNLIMITED,
    devices: UNLIMITED,
    reads: UNLIMITED,
    counts: UNLIMITED,
  },
): Promise<RestApp> {
  const [ada, bo, officer, operator] = (await addUsers(pool, 4)) as [string, string, string, string];
  const roles = new Map<string, Role>([
    [ada, 'reporter'],
    [bo, 'reporter'],
    [officer, 'officer'],
    [operator, 'operator'],
  ]);
  for (const [id, role] of roles) await pool.query('UPDATE users SET role = $2 WHERE id = $1', [id, role]);
  const auth = { ...NO_AUTH_LIMITS, addressOf: () => ADDRESS };
  const privileged = new Set<string>();
  const requireCaller: RequireCaller = (allowed) => async (c, next) => {
    if (allowed !== undefined && !allowed.includes('reporter')) privileged.add(resolvedRoute(c) ?? 'none');
    const userId = c.req.header('authorization')?.replace('Bearer ', '');
    const role = roles.get(userId ?? '');
    if (userId === undefined || role === undefined)
      throw new HaloError('token_missing', 'No token.', { status: 401 });
    if (allowed?.includes(role) === false) throw new HaloError('forbidden', 'No.', { status: 403 });
    const origin = originOf(c, auth.addressOf);
    const expiresAt = new Date(NOW.getTime() + 900_000);
    c.set('caller', { userId, role, sessionId: uuidv7(), expiresAt, origin });
    await next();
  };
  const logger = createLogger('silent');
  const clock = { now: () => NOW };
  const writer = createReportWriter({ newId: uuidv7 });
  const runs = createRunTrigger(
    {
      pool,
      histories: createLocalHistories(pool, plainForecaster),
      decide: () => ({ decision: 'kept', reason: 'Nothing was trained.' }),
      onUnusable: () => {},
      newId: uuidv7,
      clock,
      logger,
    },
    FREE_LEASES,
  );
  const passwords = await createPasswords();
  const app = createApp({
    routers: [
      ...accountRoutes({ pool, passwords, requireCaller, limits: auth, clock }),
      auditRoutes(pool, requireCaller),
      ...predictionRoutes({ pool, gazetteer, outlineOf: () => null, requireCaller, runs, clock }),
      areaRoutes({ pool, gazetteer, requireCaller }),
      alertRoutes({
        ...{ pool, requireCaller, requireTrier: requireCaller },
        webhook: { trial: () => Promise.resolve(undefined) },
        places: { publicUrl: undefined, runbookUrl: undefined },
      }),
      restoreRoutes(pool, requireCaller),
      inspectorOf(pool, requireCaller).router,
      ...writeRoutes({
        pool,
        gazetteer,
        writer,
        requireCaller,
        limits,
        tally: new MutationTally(),
        clock,
        logger,
      }),
    ],
    logger,
    metrics: createMetrics(),
    version: 'test',
    readiness: [],
    webApps: [],
  });
  return new RestApp(app, { ada, bo, officer, operator }, runs, privileged);
}

/** An answer whose body has been read. */
export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export class RestApp {
  readonly app: OpenAPIHono;
  readonly people: People;
  /** Runs that were asked for; to be closed before the database goes. */
  readonly runs: RunTrigger;
  /** Routes that were asked and are not for reporters, as the router names them. */
  readonly privileged: ReadonlySet<string>;

  constructor(app: OpenAPIHono, people: People, runs: RunTrigger, privileged: ReadonlySet<string>) {
    this.app = app;
    this.people = people;
    this.runs = runs;
    this.privileged = privileged;
  }

  /** Sends a request as somebody, or as nobody. */
  async ask<Body>(
    who: keyof People | undefined,
    method: string,
    path: string,
    options: { readonly body?: unknown; readonly key?: string } = {},
  ): Promise<Answer<Body>> {
    const { body, key } = options;
    const response = await this.app.request(path, {
      method,
      headers: {
        ...(who === undefined ? {} : { authorization: `Bearer ${this.people[who]}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
  }

  /** Reads what must be there. */
  async get<Body>(path: string, who: keyof People = 'ada'): Promise<Body> {
    const { status, body } = await this.ask<Body>(who, 'GET', path);
    if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  /** Reports something, and resolves with the report and its incident. */
  async report(who: keyof People, changes: Parameters<typeof reportArgs>[0] = {}) {
    const body = reportArgs(changes);
    const options = { body, key: crypto.randomUUID() };
    const answer = await this.ask<{ reportId: string; incidentId: string }>(
      who,
      'POST',
      '/api/v1/reports',
      options,
    );
    if (answer.status !== 201) throw new Error(`answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}
