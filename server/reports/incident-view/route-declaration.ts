import { createRoute, z } from '@hono/zod-openapi';
import {
  incidentDetailSchema,
  incidentHistorySchema,
  incidentReportsSchema,
} from '@halo/shapes/protocol/incidents.ts';
import type { RequireCaller } from '../../auth/identity.ts';
import { answers, COMMON_FAULTS, cursor, limit, problem, uuid } from '../../platform/route-parts.ts';
import { EXAMPLE_IDS, EXAMPLE_INCIDENT } from '../examples.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
const FOLLOWS =
  'One that was merged leads to the incident that goes on, and an official event of an area that is the same as a reported incident ' +
  'leads to that one; the answer names the incident that it speaks of.';

const params = z.object({ id: uuid(EXAMPLE_IDS.incident) });
const page = z.strictObject({ cursor: cursor(), limit: limit(DEFAULT_LIMIT, MAX_LIMIT) });
const FAULTS = { ...COMMON_FAULTS, 404: problem('`incident_not_found`') };

const common = (requireCaller: RequireCaller) => ({
  method: 'get' as const,
  tags: ['incidents'],
  security: [{ bearer: [] }],
  middleware: requireCaller(),
});

const detail = answers('The incident', incidentDetailSchema, { ...EXAMPLE_INCIDENT, followed: [] });

/** `GET /api/v1/incidents/{id}`. */
export function incidentRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    path: '/api/v1/incidents/{id}',
    summary: 'One incident',
    description: FOLLOWS,
    request: { params, query: z.strictObject({}) },
    responses: { 200: detail, ...FAULTS },
  });
}

/** `GET /api/v1/reports/cluster/{id}`: the incident under the name that the earlier system had for it. */
export function clusterRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    path: '/api/v1/reports/cluster/{id}',
    deprecated: true,
    summary: 'One incident, by its earlier name',
    description: `As \`GET /api/v1/incidents/{id}\`. ${FOLLOWS}`,
    request: { params, query: z.strictObject({}) },
    responses: { 200: detail, ...FAULTS },
  });
}

/** `GET /api/v1/incidents/{id}/reports`. */
export function incidentReportsRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    path: '/api/v1/incidents/{id}/reports',
    summary: 'The reports of an incident, newest first',
    description:
      'Everybody sees source, type, time, and the place snapped to its cell. Officers see where exactly and the words, and so does ' +
      `the author of his own. Nobody sees who it was. ${FOLLOWS}`,
    request: { params, query: page },
    responses: {
      200: answers('Reports', incidentReportsSchema, {
        incidentId: EXAMPLE_IDS.incident,
        reports: [
          {
            id: EXAMPLE_IDS.report,
            source: 'user',
            type: 'theft',
            occurredAt: '2026-11-25T11:30:00.000Z',
            lat: 59.33285,
            lon: 18.06385,
            locationPrecision: 'point',
            exact: false,
            accuracyM: null,
            description: null,
            mine: false,
          },
        ],
        nextCursor: null,
      }),
      ...FAULTS,
    },
  });
}

/** `GET /api/v1/incidents/{id}/history`. */
export function incidentHistoryRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    path: '/api/v1/incidents/{id}/history',
    summary: 'What became of an incident, newest first',
    description: `Changes of its verification and status, and what was joined and split. Who decided, and the note, are for officers. ${FOLLOWS}`,
    request: { params, query: page },
    responses: {
      200: answers('Steps', incidentHistorySchema, {
        incidentId: EXAMPLE_IDS.incident,
        steps: [
          {
            id: EXAMPLE_IDS.step,
            from: 'unverified',
            to: 'corroborated',
            madeAt: '2026-11-25T11:52:40.117Z',
            byPerson: false,
            actorId: null,
            note: null,
          },
        ],
        nextCursor: null,
      }),
      ...FAULTS,
    },
  });
}
