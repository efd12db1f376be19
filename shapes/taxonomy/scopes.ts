/**
 * What a service token may be for. A route that no scope names refuses service tokens; `server/auth/route-scopes.ts` says which
 * routes each scope names.
 */
export const SCOPES = [
  'reports:write',
  'incidents:read',
  'predictions:read',
  'areas:read',
  'shapes:read',
  'metrics:read',
  'admin:read',
] as const;
export type Scope = (typeof SCOPES)[number];
