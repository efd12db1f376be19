import { createRoute, z } from '@hono/zod-openapi';
import { checkAnswerSchema } from '@halo/shapes/protocol/device-report.ts';
import { INSPECTOR_PREFIX } from '@halo/shapes/protocol/inspector.ts';
import {
  DEVICE_STATES,
  deviceCheckListSchema,
  deviceCheckSchema,
  deviceDetailSchema,
  deviceEventListSchema,
  deviceListSchema,
  deviceRowsSchema,
} from '@halo/shapes/protocol/inspector-devices.ts';
import { bodyLimit } from 'hono/body-limit';
import type { RequireCaller } from '../auth/identity.ts';
import { HaloError } from '../platform/errors.ts';
import { answers, body, COMMON_FAULTS, cursor, limit, problem, uuid } from '../platform/route-parts.ts';
import { EXAMPLE_CHECK, EXAMPLE_DEVICE, EXAMPLE_EVENT, EXAMPLE_INSPECTED, EXAMPLE_ROWS } from './examples.ts';

/** Largest answer of a device to a check, in bytes. */
const MAX_ANSWER_BYTES = 65_536;

/** What every route of the inspector may answer. */
export const FAULTS = {
  ...COMMON_FAULTS,
  403: problem('Only operators may do this'),
  503: problem('`database_unavailable`: Postgres is away; `/ready` says so too'),
};

/** The same of those that show what is a person's own: who looks is written down, or sees nothing. */
export const LOOK_FAULTS = {
  ...FAULTS,
  503: problem(
    '`database_unavailable`: Postgres is away; `look_not_recorded`: it takes no writes, so that no entry can be left',
  ),
};

/** What every route of the inspector has in common. */
export const common = (requireCaller: RequireCaller) => ({
  tags: ['operators'],
  security: [{ bearer: [] }],
  middleware: requireCaller(['operator']),
});

/** How much of a list is asked for. */
export const page = { cursor: cursor(), limit: limit(50, 200) };

const deviceId = z.object({ id: uuid(EXAMPLE_INSPECTED.device) });
const NOT_FOUND = problem('`device_not_found`');

/** `GET /api/v1/admin/sync/devices`. */
export function devicesRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    method: 'get',
    path: `${INSPECTOR_PREFIX}/devices`,
    summary: 'Devices and how they fare, those first that want a look',
    request: {
      query: z.strictObject({
        state: z.enum(DEVICE_STATES).optional().openapi({ example: 'live' }),
        q: z.string().trim().min(1).max(100).optional().openapi({
          description: 'a part of a name or an address, or the beginning of an id',
          example: 'ada',
        }),
        userId: uuid(EXAMPLE_INSPECTED.user).optional(),
        ...page,
      }),
    },
    responses: {
      200: answers('Devices', deviceListSchema, {
        counts: { live: 1, behind: 0, stalled: 0, offline: 0, revoked: 0 },
        truncated: false,
        devices: [EXAMPLE_DEVICE],
        nextCursor: null,
      }),
      ...FAULTS,
    },
  });
}

/** `GET /api/v1/admin/sync/devices/{id}`. */
export function deviceRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    method: 'get',
    path: `${INSPECTOR_PREFIX}/devices/{id}`,
    summary: 'One device',
    request: { params: deviceId, query: z.strictObject({}) },
    responses: {
      200: answers('The device', deviceDetailSchema, {
        ...EXAMPLE_DEVICE,
        lastCheck: EXAMPLE_CHECK,
        mutations: { applied: 11, rejected: 1, lastSettledAt: EXAMPLE_DEVICE.contact.lastAt },
      }),
      ...FAULTS,
      404: NOT_FOUND,
    },
  });
}

/** `GET /api/v1/admin/sync/devices/{id}/events`. */
export function eventsRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    method: 'get',
    path: `${INSPECTOR_PREFIX}/devices/{id}/events`,
    summary: 'What happened to a device within a week, the newest first, at most a hundred',
    request: { params: deviceId, query: z.strictObject(page) },
    responses: {
      200: answers('Events', deviceEventListSchema, { events: [EXAMPLE_EVENT], nextCursor: null }),
      ...FAULTS,
      404: NOT_FOUND,
    },
  });
}

/** `GET /api/v1/admin/sync/devices/{id}/rows`. */
export function rowsRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    method: 'get',
    path: `${INSPECTOR_PREFIX}/devices/{id}/rows`,
    summary: 'The rows that a device should have of a shape now',
    description:
      'Read as the person of the device may read them, in a transaction that cannot write. Exact positions are coarsened. Leaves an ' +
      'entry in the audit log, one an hour for each shape.',
    request: {
      params: deviceId,
      query: z.strictObject({
        shape: z
          .string()
          .min(1)
          .max(300)
          .openapi({ description: 'with its parameters, `incidents?region=01`', example: 'my_watches' }),
        cursor: z
          .string()
          .min(1)
          .max(1_000)
          .optional()
          .openapi({ description: '`nextCursor` of the answer before, with the same shape' }),
        limit: limit(50, 200),
      }),
    },
    responses: {
      200: answers('Rows', deviceRowsSchema, EXAMPLE_ROWS),
      ...LOOK_FAULTS,
      404: problem('`device_not_found`, `shape_not_found`'),
    },
  });
}

/** `GET /api/v1/admin/sync/devices/{id}/checks`. */
export function checksRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    method: 'get',
    path: `${INSPECTOR_PREFIX}/devices/{id}/checks`,
    summary: 'What a device answered when it was asked whether its replica is right',
    request: { params: deviceId, query: z.strictObject({}) },
    responses: {
      200: answers('Checks, the newest first', deviceCheckListSchema, { checks: [EXAMPLE_CHECK] }),
      ...FAULTS,
      404: NOT_FOUND,
    },
  });
}

/** `POST /api/v1/admin/sync/devices/{id}/checks`. */
export function askRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    method: 'post',
    path: `${INSPECTOR_PREFIX}/devices/{id}/checks`,
    summary: 'Ask a device whether its replica is right',
    description:
      'The device is told with the next answer that it is given anyway, and has an hour. One that was asked already, and has ' +
      'not answered, is not asked twice: the same check is answered.',
    request: { params: deviceId },
    responses: {
      202: answers('The check', deviceCheckSchema, {
        ...EXAMPLE_CHECK,
        state: 'asked',
        right: null,
        answer: null,
      }),
      ...FAULTS,
      404: NOT_FOUND,
      409: problem('`device_cannot_answer`: its client is too old, or another one'),
    },
  });
}

/** `POST /v1/devices/{id}/checks/{checkId}`: for the device itself. */
export function answerRoute(requireCaller: RequireCaller) {
  const tooLarge = () => {
    throw new HaloError('answer_too_large', `An answer has at most ${MAX_ANSWER_BYTES} bytes.`, {
      status: 413,
    });
  };
  return createRoute({
    tags: ['devices'],
    security: [{ bearer: [] }],
    middleware: [requireCaller(), bodyLimit({ maxSize: MAX_ANSWER_BYTES, onError: tooLarge })] as const,
    method: 'post',
    path: '/v1/devices/{id}/checks/{checkId}',
    summary: 'Say how the rows of this device compare with the server’s',
    description:
      'The answer to a check whose id came in the header `halo-check`. A second answer changes nothing.',
    request: {
      params: deviceId.extend({ checkId: uuid(EXAMPLE_INSPECTED.check) }),
      body: body(checkAnswerSchema, EXAMPLE_CHECK.answer),
    },
    responses: {
      204: { description: 'Taken' },
      ...COMMON_FAULTS,
      404: problem('`check_not_found`: this device was not asked that'),
      413: problem('`answer_too_large`'),
    },
  });
}
