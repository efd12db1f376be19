import type { AuditEntry } from '@halo/shapes/protocol/audit-log.ts';
import type { AuditAction } from '@halo/shapes/taxonomy/audit-actions.ts';
import { comesAfter, microsOf } from '../db/keyset.ts';
import type { Queryable } from '../db/pool.ts';
import type { KeysetPosition } from '../platform/keyset-cursor.ts';

/** What narrows the list of entries; all that is given holds. */
export interface EntryFilter {
  readonly actorId?: string | undefined;
  readonly targetId?: string | undefined;
  readonly action?: AuditAction | undefined;
  readonly outcome?: 'done' | 'refused' | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

type EntryRow = Omit<AuditEntry, 'at'> & { readonly at: Date; readonly micros: number };

/** Entries, the newest first. */
export async function listEntries(
  db: Queryable,
  filter: EntryFilter,
  after: KeysetPosition | undefined,
  limit: number,
): Promise<{ readonly item: AuditEntry; readonly position: KeysetPosition }[]> {
  const { rows } = await db.query<EntryRow>(
    `SELECT id, at, actor_id AS "actorId", actor_kind AS "actorKind", actor_role AS "actorRole", action,
       target_kind AS "targetKind", target_id AS "targetId", outcome, reason, details, address, request_id AS "requestId",
       ${microsOf('at')} AS micros
     FROM audit_log
     WHERE ($1::uuid IS NULL OR actor_id = $1) AND ($2::text IS NULL OR target_id = $2) AND ($3::text IS NULL OR action = $3)
       AND ($4::text IS NULL OR outcome = $4) AND ($5::timestamptz IS NULL OR at >= $5) AND ($6::timestamptz IS NULL OR at < $6)
       AND ($7::float8 IS NULL OR ${comesAfter('at', 'id', '$7', '$8')})
     ORDER BY at DESC, id DESC LIMIT $9`,
    [
      filter.actorId ?? null,
      filter.targetId ?? null,
      filter.action ?? null,
      filter.outcome ?? null,
      filter.from ?? null,
      filter.to ?? null,
      after?.micros ?? null,
      after?.id ?? null,
      limit,
    ],
  );
  return rows.map(({ micros, at, ...row }) => ({
    item: { ...row, at: at.toISOString() },
    position: { micros, id: row.id },
  }));
}
