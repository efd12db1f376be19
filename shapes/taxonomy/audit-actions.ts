/** Every act that leaves an entry in the audit log. */
export const AUDIT_ACTIONS = [
  'operator.first_made',
  'user.role_changed',
  'user.disabled',
  'user.enabled',
  'user.erase_ordered',
  'sessions.ended',
  'invitation.made',
  'invitation.revoked',
  'invitation.accepted',
  'password.reset_issued',
  'password.reset',
  'password.changed',
  'service_token.made',
  'service_token.revoked',
  'issuer.role_changed',
  'device.check_asked',
  'device.rows_read',
  'mutation.read',
  'incident.transition',
  'incident.split',
  'incident.join',
  'incident.match_ruled',
  'comment.deleted',
  'alerts.tried',
  'retrain.triggered',
  'model.pinned',
  'series.unpinned',
  'series.rolled_back',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Who can act: a person with an account here, one whom another issuer knows, an integration, or the house itself. */
export const AUDIT_ACTOR_KINDS = ['account', 'external', 'service', 'system'] as const;
export type AuditActorKind = (typeof AUDIT_ACTOR_KINDS)[number];
