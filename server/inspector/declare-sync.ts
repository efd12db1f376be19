import { createRoute, z } from '@hono/zod-openapi';
import {
  feedListSchema,
  INSPECTOR_PREFIX,
  mutationDetailSchema,
  mutationListSchema,
  overviewSchema,
  replicationSchema,
  shapeListSchema,
} from '@halo/shapes/protocol/inspector.ts';
import type { RequireCaller } from '../auth/identity.ts';
import { answers, problem, uuid } from '../platform/route-parts.ts';
import { common, FAULTS, LOOK_FAULTS, page } from './declare-devices.ts';
import * as examples from './examples.ts';

const { EXAMPLE_INSPECTED, EXAMPLE_MUTATION } = examples;
const nothing = { query: z.strictObject({}) };

/** `GET /api/v1/admin/sync`. */
export function overviewRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    method: 'get',
    path: INSPECTOR_PREFIX,
    summary: 'How the whole of it fares, at a glance',
    request: nothing,
    responses: { 200: answers('The overview', overviewSchema, examples.EXAMPLE_OVERVIEW), ...FAULTS },
  });
}

/** `GET /api/v1/admin/sync/mutations`. */
export function mutationsRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    method: 'get',
    path: `${INSPECTOR_PREFIX}/mutations`,
    summary: 'Settled mutations, the newest first',
    description:
      'What waits on a device is not here: nobody has it but the device. Nobody can send a mutation again in another’s name.',
    request: {
      query: z.strictObject({
        status: z.enum(['applied', 'rejected']).optional().openapi({ example: 'rejected' }),
        code: z.string().min(1).max(60).optional().openapi({ example: 'invalid_args' }),
        type: z.string().min(1).max(64).optional().openapi({ example: 'report.create' }),
        userId: uuid(EXAMPLE_INSPECTED.user).optional(),
        deviceId: uuid(EXAMPLE_INSPECTED.device).optional(),
        ...page,
      }),
    },
    responses: {
      200: answers('Mutations', mutationListSchema, { mutations: [EXAMPLE_MUTATION], nextCursor: null }),
      ...FAULTS,
    },
  });
}

/** `GET /api/v1/admin/sync/mutations/{id}`. */
export function mutationRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    method: 'get',
    path: `${INSPECTOR_PREFIX}/mutations/{id}`,
    summary: 'One settled mutation, with what it asked for',
    description:
      'Exact positions are coarsened. A rejection stays: its author sees it, changes it, and sends a new mutation. Leaves an entry in ' +
      'the audit log, one an hour.',
    request: { params: z.object({ id: uuid(EXAMPLE_INSPECTED.mutation) }), ...nothing },
    responses: {
      200: answers('The mutation', mutationDetailSchema, {
        ...EXAMPLE_MUTATION,
        txid: '4711',
        args: { type: 'theft', severity: 9, location: { lat: 59.33, lon: 18.06, accuracyM: null } },
        result: null,
        redacted: true,
      }),
      ...LOOK_FAULTS,
      404: problem('`mutation_not_found`: it has not been settled, or never was'),
    },
  });
}

/** `GET /api/v1/admin/sync/shapes`. */
export function shapesRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    method: 'get',
    path: `${INSPECTOR_PREFIX}/shapes`,
    summary: 'The shapes of the catalogue, who follows them, and what they cost',
    request: nothing,
    responses: { 200: answers('Shapes', shapeListSchema, examples.EXAMPLE_SHAPES), ...FAULTS },
  });
}

/** `GET /api/v1/admin/sync/replication`. */
export function replicationRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    method: 'get',
    path: `${INSPECTOR_PREFIX}/replication`,
    summary: 'How each instance follows Postgres, and what has happened to it',
    request: nothing,
    responses: { 200: answers('Replication', replicationSchema, examples.EXAMPLE_REPLICATION), ...FAULTS },
  });
}

/** `GET /api/v1/admin/feeds`. */
export function feedsRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    method: 'get',
    path: '/api/v1/admin/feeds',
    summary: 'Official feeds: their last good poll, anomalies, and what was new',
    request: nothing,
    responses: { 200: answers('Feeds', feedListSchema, examples.EXAMPLE_FEEDS), ...FAULTS },
  });
}
