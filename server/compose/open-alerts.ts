import type { Queryable } from '../db/pool.ts';
import type { OpenAlert } from '../inspector/open-alerts.ts';
import { ALERT_KINDS } from '../operations/alerts/alert.ts';
import type { AlertRecord, Severity } from '../operations/alerts/alert.ts';
import { listAlerts } from '../operations/alerts/alert-store.ts';

/** Open alerts that the overview is told of, the newest; there are a handful. */
const MAX_OPEN = 100;

/** What open alerts are seen with. */
export interface OpenAlertsView {
  /** Whether there is a webhook: without one nobody is to be told. */
  readonly isTold: boolean;
  readonly now: Date;
}

/** The alerts that are open, for the inspector's overview and its history. */
export async function readOpenAlerts(db: Queryable, view: OpenAlertsView): Promise<OpenAlert[]> {
  const found = await listAlerts(db, { state: 'open' }, undefined, MAX_OPEN);
  return found.map(({ item }) => {
    const { id, name, subject, what } = item;
    return { id, name, subject, what, severity: severityOf(name), untoldMs: untoldMs(item, view) };
  });
}

function untoldMs({ toldAt, tellFrom }: AlertRecord, { isTold, now }: OpenAlertsView): number | null {
  const dueMs = now.getTime() - tellFrom.getTime();
  return isTold && toldAt === null && dueMs >= 0 ? dueMs : null;
}

/** One of another version may have left an alert that this one does not know. */
function severityOf(name: AlertRecord['name']): Severity {
  return name in ALERT_KINDS ? ALERT_KINDS[name].severity : 'warning';
}
