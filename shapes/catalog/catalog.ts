import { areas } from './areas.ts';
import { auditLog } from './audit-log.ts';
import { comments } from './comments.ts';
import { devices } from './devices.ts';
import { incidentHistory } from './incident-history.ts';
import { incidentMatches } from './incident-matches.ts';
import { incidentReportDetails, incidentReports } from './incident-reports.ts';
import { incidentTransitions } from './incident-transitions.ts';
import { incidents } from './incidents.ts';
import { jobRuns } from './job-runs.ts';
import { models } from './models.ts';
import { myMutations } from './my-mutations.ts';
import { myReportVersions } from './my-report-versions.ts';
import { myReports } from './my-reports.ts';
import { myWatches } from './my-watches.ts';
import { predictions, predictionsByType } from './predictions.ts';
import type { ShapeDefinition } from './shape.ts';

/** Every shape that a device can ask for, by name. */
export const CATALOG: ReadonlyMap<string, ShapeDefinition> = new Map(
  [
    areas,
    auditLog,
    comments,
    devices,
    incidents,
    incidentHistory,
    incidentMatches,
    incidentReportDetails,
    incidentReports,
    incidentTransitions,
    jobRuns,
    models,
    myMutations,
    myReports,
    myReportVersions,
    myWatches,
    predictions,
    predictionsByType,
  ].map((shape) => [shape.name, shape]),
);
