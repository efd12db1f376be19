import type { AuditEntry } from '@halo/shapes/protocol/audit-log.ts';
import type { ShapeRow } from '../sync/rows.ts';

/** What of the log is looked at; undefined is all. */
export interface AuditFilter {
  readonly action: string | undefined;
  readonly outcome: string | undefined;
  readonly targetId: string | undefined;
}

/** What the shape tells of an entry: all of it when it is new, only what changed when it is not. */
export type AuditNews = Partial<AuditEntry> & Pick<AuditEntry, 'id'>;

const COLUMNS: Readonly<Record<keyof AuditEntry, string>> = {
  id: 'id',
  at: 'at',
  actorId: 'actor_id',
  actorKind: 'actor_kind',
  actorRole: 'actor_role',
  action: 'action',
  targetKind: 'target_kind',
  targetId: 'target_id',
  outcome: 'outcome',
  reason: 'reason',
  details: 'details',
  address: 'address',
  requestId: 'request_id',
};

/** A row of the shape `audit_log` in the words of the API. */
export function newsOf(row: ShapeRow): AuditNews {
  const members = Object.entries(COLUMNS).flatMap(([name, column]) => {
    const value = row[column];
    if (value === undefined) return [];
    return [[name, name === 'at' ? new Date(value as number).toISOString() : value]];
  });
  return Object.fromEntries(members) as AuditNews;
}

/** Whether an entry is looked at. */
export function isLookedAt(entry: AuditEntry, { action, outcome, targetId }: AuditFilter): boolean {
  if (action !== undefined && entry.action !== action) return false;
  if (outcome !== undefined && entry.outcome !== outcome) return false;
  return targetId === undefined || entry.targetId === targetId;
}

/** What came by itself above what was read, each entry once, the newest first. */
export function withNews(
  news: readonly AuditNews[],
  read: readonly AuditEntry[],
  filter: AuditFilter,
): AuditEntry[] {
  const entries = new Map(read.map((entry) => [entry.id, entry]));
  for (const each of news) {
    const known = entries.get(each.id);
    if (known !== undefined) entries.set(each.id, { ...known, ...each });
    else if (isWhole(each) && isLookedAt(each, filter)) entries.set(each.id, each);
  }
  return [...entries.values()].sort((a, b) => Date.parse(b.at) - Date.parse(a.at) || (a.id < b.id ? 1 : -1));
}

const isWhole = (news: AuditNews): news is AuditEntry => news.at !== undefined;
