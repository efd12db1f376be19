import { OpenAPIHono } from '@hono/zod-openapi';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { uuidv7 } from 'uuidv7';
import type { ReportCreateInput } from '@halo/shapes/mutations/report-create.ts';
import type { Mutation, MutationBatchResult } from '@halo/shapes/protocol/mutation-batch.ts';
import type { Gazetteer } from '../../server/areas/area.ts';
import { createGazetteer } from '../../server/areas/gazetteer.ts';
import { seedAreas } from '../../server/areas/seed-areas.ts';
import { createMutationHandlers } from '../../server/compose/mutation-handlers.ts';
import type { CallerEnv, RequireCaller } from '../../server/auth/identity.ts';
import type { Pool } from '../../server/db/pool.ts';
import type { MutationHandler } from '../../server/mutations/mutation-handler.ts';
import { MutationTally } from '../../server/mutations/mutation-tally.ts';
import { mutationRoutes } from '../../server/mutations/routes.ts';
import { HaloError } from '../../server/platform/errors.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { UNLIMITED } from '../../server/platform/rate-limit.ts';
import { createReportWriter } from '../../server/reports/report-writer.ts';

export const gazetteer = createGazetteer();
export const NOW = new Date('2026-11-25T12:00:00Z');

/** One instance: routes of its own over a pool. The bearer token is the user's id; tokens are auth's affair. */
export function createInstance(
  pool: Pool,
  extraHandlers: readonly MutationHandler[] = [],
  areas: Gazetteer = gazetteer,
): OpenAPIHono {
  const writer = createReportWriter({ newId: uuidv7 });
  const app = new OpenAPIHono();
  app.route(
    '/',
    mutationRoutes({
      pool,
      handlers: [...createMutationHandlers({ gazetteer: areas, writer }), ...extraHandlers],
      requireCaller: bearerIsUserId,
      perDevice: UNLIMITED,
      tally: new MutationTally(),
      clock: { now: () => NOW },
      logger: createLogger('silent'),
    }),
  );
  app.onError((error, c) => {
    if (!(error instanceof HaloError)) return c.json({ code: 'internal' }, 500);
    const { code, field, details, status } = error;
    return c.json({ code, field, ...details }, status as ContentfulStatusCode);
  });
  return app;
}

const bearerIsUserId: RequireCaller = () => async (c, next) => {
  const userId = c.req.header('authorization')?.replace('Bearer ', '');
  if (userId === undefined) throw new HaloError('unauthenticated', 'No token.', { status: 401 });
  const caller: CallerEnv['Variables']['caller'] = {
    userId,
    role: 'reporter',
    sessionId: uuidv7(),
    expiresAt: new Date(NOW.getTime() + 900_000),
  };
  c.set('caller', caller);
  await next();
};

/** Fills the gazetteer and makes accounts. */
export async function addUsers(pool: Pool, count: number): Promise<string[]> {
  await seedAreas(pool, gazetteer);
  const ids = Array.from({ length: count }, () => uuidv7());
  await pool.query(
    `INSERT INTO users (id, email, display_name, password_hash)
     SELECT id, id || '@halo.example', 'Somebody', 'none' FROM unnest($1::uuid[]) AS ids (id)`,
    [ids],
  );
  return ids;
}

/** A device that numbers its mutations. */
export class TestDevice {
  readonly id = crypto.randomUUID();
  readonly userId: string;
  #seq = 0;

  constructor(userId: string) {
    this.userId = userId;
  }

  mutation(type: string, args: unknown): Mutation {
    this.#seq += 1;
    return { seq: this.#seq, id: uuidv7(), type, createdAt: NOW.toISOString(), args };
  }

  report(changes: Partial<ReportCreateInput> = {}): Mutation {
    return this.mutation('report.create', reportArgs(changes));
  }

  async post(app: OpenAPIHono, mutations: readonly unknown[]): Promise<Response> {
    return app.request('/v1/mutations', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.userId}` },
      body: JSON.stringify({ deviceId: this.id, mutations }),
    });
  }

  /** Sends a batch that must be answered 200. */
  async settle(app: OpenAPIHono, mutations: readonly Mutation[]): Promise<MutationBatchResult> {
    const response = await this.post(app, mutations);
    if (response.status !== 200) throw new Error(`answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as MutationBatchResult;
  }
}

export function reportArgs(changes: Partial<ReportCreateInput> = {}): ReportCreateInput {
  return {
    type: 'theft',
    severity: 2,
    occurredAt: '2026-11-25T11:30:00Z',
    description: 'A bicycle was taken',
    location: { lat: 59.3326, lon: 18.0649, accuracyM: 20 },
    ...changes,
  };
}

/** How many rows each table has. */
export async function countRows(pool: Pool): Promise<{ reports: number; incidents: number; ledger: number }> {
  const { rows } = await pool.query<{ reports: number; incidents: number; ledger: number }>(
    `SELECT (SELECT count(*) FROM reports)::int AS reports, (SELECT count(*) FROM ledger)::int AS ledger,
            (SELECT count(*) FROM incidents WHERE status = 'open')::int AS incidents`,
  );
  return rows[0]!;
}
