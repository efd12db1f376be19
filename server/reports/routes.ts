import type { OpenAPIHono } from '@hono/zod-openapi';
import type { CallerEnv } from '../auth/identity.ts';
import { commentRoutes } from './comments/routes.ts';
import { decisionRoutes } from './decisions/routes.ts';
import { incidentListRoutes } from './incident-list/routes.ts';
import { incidentViewRoutes } from './incident-view/routes.ts';
import { mapCellRoutes } from './map-cells/routes.ts';
import { ownReportRoutes } from './own-reports/routes.ts';
import type { RestParts } from './rest-parts.ts';
import { statisticsRoutes } from './statistics/routes.ts';

/** All routes of reports and incidents. What has a fixed path comes before what has a parameter in its place. */
export function reportRoutes(parts: RestParts): readonly OpenAPIHono<CallerEnv>[] {
  return [
    statisticsRoutes(parts),
    incidentListRoutes(parts),
    incidentViewRoutes(parts),
    ownReportRoutes(parts),
    commentRoutes(parts),
    decisionRoutes(parts),
    mapCellRoutes(parts),
  ];
}
