import { createRoute, z } from '@hono/zod-openapi';
import { incidentSummarySchema } from '@halo/shapes/protocol/incidents.ts';
import { crossSourceStatsSchema, reportStatsSchema } from '@halo/shapes/protocol/reports.ts';
import type { RequireCaller } from '../../auth/identity.ts';
import { answers, COMMON_FAULTS } from '../../platform/route-parts.ts';

const COUNTED =
  'Each incident that lists show counts once: an official event that is the same as a reported incident counts with that one, and ' +
  'what was merged with what it was merged into. ';

const common = (requireCaller: RequireCaller) => ({
  method: 'get' as const,
  security: [{ bearer: [] }],
  middleware: requireCaller(),
  request: { query: z.strictObject({}) },
});

/** `GET /api/v1/reports/stats`. */
export function reportStatsRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    path: '/api/v1/reports/stats',
    tags: ['reports'],
    summary: 'How much is reported, and how much of it is verified',
    description:
      `${COUNTED}\`total_reports\`: reports that are not withdrawn, of whatever source. \`unverified_incidents\`: all that are not ` +
      'verified, corroborated and dismissed ones too. Reporters are different people, counted where people reported at all; ' +
      'null where nobody did.',
    responses: {
      200: answers('Counted at this moment', reportStatsSchema, {
        total_reports: 12,
        verified_incidents: 3,
        unverified_incidents: 5,
        avg_reporters_per_incident: 1.4,
        max_reporters_single_incident: 3,
      }),
      ...COMMON_FAULTS,
    },
  });
}

/** `GET /api/v1/reports/cross-source-stats`. */
export function crossSourceStatsRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    path: '/api/v1/reports/cross-source-stats',
    tags: ['reports'],
    summary: 'How many incidents official sources and people both told of',
    description:
      `${COUNTED}\`official_only\`, \`user_only\` and \`cross_validated\` add up to \`total_incidents\`; \`validation_rate_percent\` is the ` +
      'share of the last in it, null where there is none.',
    responses: {
      200: answers('Counted at this moment', crossSourceStatsSchema, {
        total_incidents: 8,
        official_only: 2,
        user_only: 4,
        cross_validated: 2,
        validation_rate_percent: 25,
      }),
      ...COMMON_FAULTS,
    },
  });
}

/** `GET /api/v1/incidents/stats/summary`. */
export function incidentSummaryRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    path: '/api/v1/incidents/stats/summary',
    tags: ['incidents'],
    summary: 'How many incidents there are, of which kinds, and lately',
    description: `${COUNTED}What is not there in a list has none. \`last…\` goes by when they happened.`,
    responses: {
      200: answers('Counted at this moment', incidentSummarySchema, {
        total: 8,
        bySeverity: { 2: 5, 4: 3 },
        byType: { theft: 6, fire: 2 },
        byStatus: { open: 7, closed: 1 },
        byVerification: { unverified: 4, corroborated: 1, verified: 3 },
        last24Hours: 2,
        last7Days: 5,
        last30Days: 8,
      }),
      ...COMMON_FAULTS,
    },
  });
}
