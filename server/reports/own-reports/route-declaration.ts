import { createRoute, z } from '@hono/zod-openapi';
import { reportCreateSchema } from '@halo/shapes/mutations/report-create.ts';
import {
  myReportsSchema,
  reportChangedSchema,
  reportCreatedSchema,
  reportPatchSchema,
  reportPutSchema,
} from '@halo/shapes/protocol/reports.ts';
import type { RequireCaller } from '../../auth/identity.ts';
import * as part from '../../platform/route-parts.ts';
import { EXAMPLE_IDS } from '../examples.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

const REPORT = {
  type: 'theft' as const,
  severity: 3,
  occurredAt: '2026-11-25T11:30:00.000Z',
  description: 'A bicycle was taken',
  location: { lat: 59.3326, lon: 18.0649, accuracyM: 20 },
};
const CHANGED = {
  reportId: EXAMPLE_IDS.report,
  version: 2,
  incidentId: EXAMPLE_IDS.incident,
  txid: '7741',
};

const params = z.object({ id: part.uuid(EXAMPLE_IDS.report) });
const KEY = 'Idempotency-Key';
const required = z.object({
  [KEY]: part.idempotencyKey().openapi({ example: '5d0a3c64-bicycle' }),
});
const SAFE =
  'The request is one mutation, settled as those of devices are. Sent again with the same key it has no second effect and gets the ' +
  'stored answer, with the header `Idempotency-Replayed: true`.';

const FAULTS = {
  ...part.COMMON_FAULTS,
  409: part.problem('`request_in_progress`: a request with this key is being settled; send it again'),
  422: part.problem('The mutation was rejected: `code` and `field` say why; or `idempotency_key_reused`'),
  429: part.problem('`rate_limited`: send again after `Retry-After`'),
  503: part.problem('Nothing was settled; send it again later'),
};

const common = { tags: ['reports'], security: [{ bearer: [] }] };

const create = (requireWriter: RequireCaller) => ({
  ...common,
  method: 'post' as const,
  middleware: requireWriter(),
  request: { headers: required, body: part.body(reportCreateSchema, REPORT) },
  responses: {
    201: part.answers('Stored, and linked to an incident', reportCreatedSchema, {
      reportId: EXAMPLE_IDS.report,
      incidentId: EXAMPLE_IDS.incident,
      txid: '7740',
    }),
    ...FAULTS,
  },
});

/** `POST /api/v1/reports`. */
export function createReportRoute(requireWriter: RequireCaller) {
  return createRoute({
    ...create(requireWriter),
    path: '/api/v1/reports',
    summary: 'Report what happened',
    description: SAFE,
  });
}

/** `POST /api/v1/reports/submit`: the same under the name that the earlier system had for it. */
export function submitReportRoute(requireWriter: RequireCaller) {
  return createRoute({
    ...create(requireWriter),
    path: '/api/v1/reports/submit',
    deprecated: true,
    summary: 'Report what happened, by its earlier name',
    description: `As \`POST /api/v1/reports\`, with the same body. ${SAFE}`,
  });
}

/** `GET /api/v1/reports/mine`. */
export function myReportsRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common,
    method: 'get',
    path: '/api/v1/reports/mine',
    summary: 'My reports, the latest of what happened first',
    middleware: requireCaller(),
    request: {
      query: z.strictObject({ cursor: part.cursor(), limit: part.limit(DEFAULT_LIMIT, MAX_LIMIT) }),
    },
    responses: {
      200: part.answers('Reports', myReportsSchema, {
        reports: [
          {
            id: EXAMPLE_IDS.report,
            ...REPORT,
            receivedAt: '2026-11-25T11:41:12.301Z',
            region: '01',
            municipality: '0180',
            district: null,
            status: 'active',
            incidentId: EXAMPLE_IDS.incident,
            version: 1,
            updatedAt: '2026-11-25T11:41:12.301Z',
          },
        ],
        nextCursor: null,
      }),
      ...part.COMMON_FAULTS,
    },
  });
}

const change = (requireWriter: RequireCaller, example: z.input<typeof reportChangedSchema>) => ({
  ...common,
  path: '/api/v1/reports/{id}',
  middleware: requireWriter(),
  responses: {
    200: part.answers('The report as it is now', reportChangedSchema, example),
    ...FAULTS,
    404: part.problem('`not_found`: no report of yours has this id'),
    409: part.problem('`version_conflict`: `field` was changed since the version that you saw'),
  },
});

/** `PATCH /api/v1/reports/{id}`. */
export function patchReportRoute(requireWriter: RequireCaller) {
  return createRoute({
    ...change(requireWriter, CHANGED),
    method: 'patch',
    summary: 'Change fields of my report',
    description: `\`version\` is the one that you saw. ${SAFE}`,
    request: {
      params,
      headers: required.partial(),
      body: part.body(reportPatchSchema, { version: 1, changes: { severity: 4 } }),
    },
  });
}

/** `PUT /api/v1/reports/{id}`. */
export function putReportRoute(requireWriter: RequireCaller) {
  return createRoute({
    ...change(requireWriter, CHANGED),
    method: 'put',
    summary: 'Say my report anew, as a whole',
    description: `\`version\` is the one that you saw. ${SAFE}`,
    request: {
      params,
      headers: required.partial(),
      body: part.body(reportPutSchema, { version: 1, ...REPORT, severity: 4 }),
    },
  });
}

/** `DELETE /api/v1/reports/{id}`. */
export function withdrawReportRoute(requireWriter: RequireCaller) {
  return createRoute({
    ...change(requireWriter, { ...CHANGED, version: 1 }),
    method: 'delete',
    summary: 'Take my report back',
    description: `One that was taken back already stays so. ${SAFE}`,
    request: { params, headers: required.partial() },
  });
}
