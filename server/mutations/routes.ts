import { createRoute } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { MAX_BATCH_BYTES, MAX_BATCH_MUTATIONS } from '@halo/shapes/protocol/batch-limits.ts';
import { mutationBatchResultSchema } from '@halo/shapes/protocol/mutation-batch.ts';
import { mutationBatchSchema } from '@halo/shapes/protocol/mutation-request.ts';
import { MUTATION_SCHEMAS } from '@halo/shapes/mutations/mutation-schemas.ts';
import { PROBLEM_MEDIA_TYPE, problemSchema } from '@halo/shapes/protocol/problem.ts';
import type { Caller, CallerEnv, RequireCaller } from '../auth/identity.ts';
import type { Pool } from '../db/pool.ts';
import type { Clock } from '../platform/clock.ts';
import { HaloError } from '../platform/errors.ts';
import { limitRequest } from '../platform/limit-request.ts';
import type { Logger } from '../platform/logger.ts';
import type { RateLimit } from '../platform/rate-limit.ts';
import { createRouter } from '../platform/router.ts';
import type { MutationHandler } from './mutation-handler.ts';
import type { MutationTally } from './mutation-tally.ts';
import { settleBatch } from './settle-batch.ts';

/** What the routes need from outside. */
export interface MutationRoutesParts {
  readonly pool: Pool;
  readonly handlers: readonly MutationHandler[];
  readonly requireCaller: RequireCaller;
  /** How often one device of an account may send. */
  readonly perDevice: RateLimit;
  readonly tally: MutationTally;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A batch of this device of the caller's was settled. */
  readonly onBatch?: (caller: Caller, deviceId: string) => void;
}

/** `POST /v1/mutations`: the queue's one door. */
export function mutationRoutes(parts: MutationRoutesParts): OpenAPIHono<CallerEnv> {
  const handlers = new Map(parts.handlers.map((handler) => [handler.type, handler]));
  const logger = parts.logger.child({ component: 'mutations' });
  // Arguments with such text reject their own mutation, never the batch.
  const router = createRouter<CallerEnv>({ takesAnyText: true });
  router.openapi(describe(parts.requireCaller), async (c) => {
    const caller = c.get('caller');
    const { userId, role, origin } = caller;
    const { pool, clock, tally } = parts;
    const batch = c.req.valid('json');
    await limitRequest(c, parts.perDevice, `${userId} ${batch.deviceId.toLowerCase()}`);
    const startedMs = performance.now();
    const answer = await settleBatch({ pool, handlers, clock, logger }, { userId, role, origin }, batch);
    tally.settled(answer.results, performance.now() - startedMs);
    parts.onBatch?.(caller, batch.deviceId.toLowerCase());
    c.header('cache-control', 'no-store');
    return c.json(answer, 200);
  });
  return router;
}

function describe(requireCaller: RequireCaller) {
  const problem = (description: string) => ({
    description,
    content: { [PROBLEM_MEDIA_TYPE]: { schema: problemSchema } },
  });
  return createRoute({
    method: 'post',
    path: '/v1/mutations',
    tags: ['mutations'],
    summary: "Settle the next mutations of a device's queue",
    description:
      'Each mutation is settled exactly once, however often it is sent: an earlier one gets its stored answer. ' +
      'An answer with fewer results than mutations has settled only those; send the rest again.',
    security: [{ bearer: [] }],
    middleware: [requireCaller(), bodyLimit({ maxSize: MAX_BATCH_BYTES, onError: tooLarge })] as const,
    request: {
      body: { required: true, content: { 'application/json': { schema: documentedBatchSchema() } } },
    },
    responses: {
      200: {
        description: 'Settled, each applied or rejected.',
        content: { 'application/json': { schema: mutationBatchResultSchema } },
      },
      400: problem('`invalid_request`, `seqs_not_consecutive`: the batch is not well formed.'),
      401: problem('No valid access token; nothing was settled.'),
      403: problem('`device_of_another_account`, `too_many_devices`, `too_many_new_devices`.'),
      409: problem('`seq_gap`: mutations before these are missing; `expectedSeq` names the next one.'),
      413: problem('`batch_too_large`: send fewer mutations at once.'),
      422: problem('`mutation_changed`, `mutation_id_reused`: `seq` names the mutation.'),
      429: problem('`rate_limited`: nothing was settled; send again after `Retry-After`.'),
      503: problem('Nothing was settled; send again later.'),
    },
  });
}

/**
 * The batch as it is taken, with what the arguments of each type must be said in the document alone: arguments at
 * fault reject their own mutation, never the batch.
 */
function documentedBatchSchema() {
  const ofTypes = [...MUTATION_SCHEMAS].map(([type, schema]) => {
    const { $schema: _dialect, ...args } = z.toJSONSchema(schema, { io: 'input' });
    return { title: type, properties: { type: { const: type }, args } };
  });
  // Made here: one that was made before the library extended zod cannot be described.
  const described = z.strictObject(mutationBatchSchema.shape.mutations.element.shape).openapi({
    description: 'Arguments that are not as their type has them reject this mutation with `invalid_args`.',
    // The library types schemas of its own making only; these are zod's, of the same dialect.
    oneOf: ofTypes as never[],
  });
  return mutationBatchSchema.extend({
    mutations: z.array(described).min(1).max(MAX_BATCH_MUTATIONS),
  });
}

function tooLarge(): never {
  throw new HaloError('batch_too_large', `A batch has at most ${MAX_BATCH_BYTES} bytes.`, {
    status: 413,
    hint: 'Send fewer mutations at once.',
  });
}
