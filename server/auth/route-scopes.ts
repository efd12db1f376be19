import { SCOPES } from '@halo/shapes/taxonomy/scopes.ts';
import type { Scope } from '@halo/shapes/taxonomy/scopes.ts';

/**
 * The routes that each scope opens to service tokens, as the router names them. What is not here is closed to all of them. They see what
 * a reporter sees: the shapes for officers and operators stay closed to `shapes:read`.
 */
export const ROUTE_SCOPES: Readonly<Record<Scope, readonly string[]>> = {
  'reports:write': [
    'POST /api/v1/reports',
    'GET /api/v1/reports/mine',
    'PATCH /api/v1/reports/:id',
    'PUT /api/v1/reports/:id',
    'DELETE /api/v1/reports/:id',
  ],
  'incidents:read': [
    'GET /api/v1/incidents',
    'GET /api/v1/incidents/:id',
    'GET /api/v1/incidents/:id/reports',
    'GET /api/v1/incidents/:id/history',
    'GET /api/v1/incidents/stats/summary',
    'GET /api/v1/reports/stats',
    'GET /api/v1/reports/cross-source-stats',
    'GET /api/v1/map/cells',
  ],
  'predictions:read': [
    'GET /api/v1/predictions/hotspots',
    'GET /api/v1/predictions/stats',
    'GET /api/v1/predictions/model',
  ],
  'areas:read': ['GET /api/v1/areas', 'GET /api/v1/areas/:code'],
  'shapes:read': ['GET /v1/shapes/:name', 'POST /v1/shapes/:name', 'GET /v1/shapes/:name/checksum'],
  'metrics:read': ['GET /metrics'],
  'admin:read': [
    'GET /api/v1/admin/alerts',
    'GET /api/v1/admin/audit-log',
    'GET /api/v1/admin/feeds',
    'GET /api/v1/admin/jobs',
    'GET /api/v1/admin/jobs/:id',
    'GET /api/v1/admin/models',
    'GET /api/v1/admin/models/:id',
    'GET /api/v1/admin/sync',
    'GET /api/v1/admin/sync/devices',
    'GET /api/v1/admin/sync/devices/:id',
    'GET /api/v1/admin/sync/devices/:id/checks',
    'GET /api/v1/admin/sync/devices/:id/events',
    'GET /api/v1/admin/sync/history',
    'GET /api/v1/admin/sync/mutations',
    'GET /api/v1/admin/sync/mutations/:id',
    'GET /api/v1/admin/sync/replication',
    'GET /api/v1/admin/sync/shapes',
    'GET /api/v1/restores',
  ],
};

/** Whether one of the scopes opens a route. */
export function isInScope(scopes: readonly Scope[], route: string | undefined): boolean {
  return route !== undefined && scopes.some((scope) => ROUTE_SCOPES[scope].includes(route));
}

/** The scopes that open a route, as the router names it. */
export function scopesOf(route: string): readonly Scope[] {
  return SCOPES.filter((scope) => ROUTE_SCOPES[scope].includes(route));
}
