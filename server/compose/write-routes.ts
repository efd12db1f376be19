import type { OpenAPIHono } from '@hono/zod-openapi';
import { uuidv7 } from 'uuidv7';
import type { Gazetteer } from '../areas/area.ts';
import type { CallerEnv, RequireCaller } from '../auth/identity.ts';
import type { Pool } from '../db/pool.ts';
import type { MutationTally } from '../mutations/mutation-tally.ts';
import { mutationRoutes } from '../mutations/routes.ts';
import { createSettleRequest } from '../mutations/settle-request.ts';
import type { DeviceContacts } from '../inspector/device-contacts.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { ReportWriter } from '../reports/report.ts';
import { reportRoutes } from '../reports/routes.ts';
import { createMutationHandlers } from './mutation-handlers.ts';
import { limitCallers } from './rate-limits.ts';
import type { RateLimits } from './rate-limits.ts';

/** What the routes need from outside. */
export interface WriteRoutesParts {
  readonly pool: Pool;
  readonly gazetteer: Gazetteer;
  readonly writer: ReportWriter;
  readonly requireCaller: RequireCaller;
  /** How often one account may write, read, and have things counted. */
  readonly limits: Pick<RateLimits, 'mutations' | 'devices' | 'reads' | 'counts'>;
  readonly tally: MutationTally;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Takes note of the devices whose batches come. */
  readonly contacts?: DeviceContacts;
}

/** The queue's route and those of reports and incidents: the same handlers settle what comes by either. */
export function writeRoutes(parts: WriteRoutesParts): readonly OpenAPIHono<CallerEnv>[] {
  const { pool, gazetteer, writer, requireCaller, tally, clock, logger } = parts;
  const handlers = createMutationHandlers({ gazetteer, writer });
  const requireWriter = limitCallers(requireCaller, parts.limits.mutations);
  const settle = createSettleRequest({ pool, handlers, tally, clock, logger, newId: uuidv7 });
  return [
    mutationRoutes({
      ...{ pool, handlers, tally, clock, logger },
      perDevice: parts.limits.devices,
      requireCaller: parts.contacts?.observing(requireWriter) ?? requireWriter,
      onBatch: (caller, deviceId) => parts.contacts?.batchOf(caller, deviceId),
    }),
    ...reportRoutes({
      pool,
      requireCaller: limitCallers(requireCaller, parts.limits.reads),
      requireCounter: limitCallers(requireCaller, parts.limits.counts),
      requireWriter,
      settle,
      writer,
      newId: uuidv7,
      clock,
      logger,
    }),
  ];
}
