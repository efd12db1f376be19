import { createRoute, z } from '@hono/zod-openapi';
import * as schema from '@halo/shapes/protocol/decisions.ts';
import { DECIDERS } from '@halo/shapes/taxonomy/incident-transitions.ts';
import type { RequireCaller } from '../../auth/identity.ts';
import * as part from '../../platform/route-parts.ts';
import { EXAMPLE_IDS, EXAMPLE_INCIDENT } from '../examples.ts';

const OFFICER = '01936d2a-0000-7000-8000-0000000000f1';
const MATCH = {
  officialId: EXAMPLE_IDS.officialEvent,
  incidentId: EXAMPLE_IDS.incident,
  state: 'candidate' as const,
  probability: 0.42,
  byOfficer: false,
  decidedBy: null,
  decidedAt: '2026-11-25T11:53:00.000Z',
};
const EVENT = {
  ...EXAMPLE_INCIDENT,
  id: EXAMPLE_IDS.officialEvent,
  lat: 59.3197,
  lon: 18.0002,
  locationPrecision: 'municipality' as const,
  verification: 'verified' as const,
  confidence: 0.5,
  reportCount: 1,
  reporterCount: 0,
  official: true,
};

const params = z.object({ id: part.uuid(EXAMPLE_IDS.incident) });
const FAULTS = {
  ...part.COMMON_FAULTS,
  403: part.problem('`forbidden`: this is for officers'),
  404: part.problem('`not_found`, `incident_not_found`'),
};
const officers = (requireCaller: RequireCaller) => ({
  tags: ['decisions'],
  security: [{ bearer: [] }],
  middleware: requireCaller(DECIDERS),
});

/** `POST /api/v1/incidents/{id}/transitions`. */
export function transitionRoute(requireWriter: RequireCaller) {
  const headers = z.object({
    'Idempotency-Key': part.idempotencyKey().openapi({ example: 'patrol-7-verify' }),
  });
  return createRoute({
    ...officers(requireWriter),
    method: 'post',
    path: '/api/v1/incidents/{id}/transitions',
    summary: 'Verify, dispute, dismiss, close or reopen an incident',
    description:
      'The mutation `incident.transition`. What reports have made of `from` since the officer looked is no matter; what another ' +
      'officer has decided since is a conflict.',
    request: {
      params,
      headers: headers.partial(),
      body: part.body(schema.transitionBodySchema, {
        from: 'corroborated',
        to: 'verified',
        note: 'The patrol was there',
      }),
    },
    responses: {
      200: part.answers('Decided', schema.transitionMadeSchema, {
        incidentId: EXAMPLE_IDS.incident,
        changed: true,
        txid: '7743',
      }),
      ...FAULTS,
      409: part.problem('`transition_conflict`: another officer has decided; `request_in_progress`'),
      422: part.problem('`illegal_transition`; `idempotency_key_reused`'),
    },
  });
}

/** `POST /api/v1/incidents/{id}/split`. */
export function splitRoute(requireWriter: RequireCaller) {
  return createRoute({
    ...officers(requireWriter),
    method: 'post',
    path: '/api/v1/incidents/{id}/split',
    summary: 'Part reports from an incident, for ever',
    description: 'They become an incident of their own, and nothing but an officer joins the two again.',
    request: {
      params,
      body: part.body(schema.splitBodySchema, {
        reportIds: [EXAMPLE_IDS.partedReport],
        note: 'Two bicycles',
      }),
    },
    responses: {
      200: part.answers('Parted', schema.splitMadeSchema, {
        kept: EXAMPLE_IDS.incident,
        parted: EXAMPLE_IDS.otherIncident,
      }),
      ...FAULTS,
      422: part.problem('`nothing_left`: an incident keeps at least one report'),
    },
  });
}

/** `POST /api/v1/incidents/{id}/join`. */
export function joinRoute(requireWriter: RequireCaller) {
  return createRoute({
    ...officers(requireWriter),
    method: 'post',
    path: '/api/v1/incidents/{id}/join',
    summary: 'Make incidents one, for ever',
    description: 'The oldest id goes on, and the others lead to it.',
    request: {
      params,
      body: part.body(schema.joinBodySchema, {
        incidentIds: [EXAMPLE_IDS.otherIncident],
        note: 'One fight, seen from two streets',
      }),
    },
    responses: {
      200: part.answers('Joined', schema.joinMadeSchema, { incidentId: EXAMPLE_IDS.incident }),
      ...FAULTS,
    },
  });
}

/** `GET /api/v1/incidents/{id}/matches`. */
export function matchesRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...officers(requireCaller),
    method: 'get',
    path: '/api/v1/incidents/{id}/matches',
    summary: 'Official events and reported incidents that may be one',
    description:
      'Of an incident that people reported, the official events of its area, or the other way round: what is matched, what may be ' +
      '(`candidate`), and what officers have rejected. An incident that was merged leads to the one that goes on.',
    request: { params, query: z.strictObject({}) },
    responses: {
      200: part.answers('The likeliest first', schema.matchListSchema, {
        incidentId: EXAMPLE_IDS.incident,
        matches: [{ ...MATCH, other: EVENT }],
      }),
      ...FAULTS,
    },
  });
}

/** `POST /api/v1/incidents/{id}/matches`. */
export function ruleMatchRoute(requireWriter: RequireCaller) {
  return createRoute({
    ...officers(requireWriter),
    method: 'post',
    path: '/api/v1/incidents/{id}/matches',
    summary: 'Say whether an official event and an incident are one',
    description:
      'One of the two is an official event of an area, the other an incident with a place, in whichever order. The word stands for ' +
      'ever; a match takes the place of the one that either had.',
    request: {
      params,
      body: part.body(schema.matchBodySchema, { otherId: EXAMPLE_IDS.officialEvent, state: 'match' }),
    },
    responses: {
      200: part.answers('What is written now', schema.matchSchema, {
        ...MATCH,
        state: 'match',
        probability: 1,
        byOfficer: true,
        decidedBy: OFFICER,
      }),
      ...FAULTS,
    },
  });
}
