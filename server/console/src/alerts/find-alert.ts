import type { AlertAnswer } from '@halo/shapes/protocol/alerts.ts';

/** Alerts of one page: the most that the server gives; and the pages that are looked through: a handful is open at once. */
export const ALERTS_OF_A_PAGE = 200;
const MAX_PAGES = 25;

/** One page of the list of alerts. */
export interface AlertPage {
  readonly alerts: readonly AlertAnswer[];
  readonly nextCursor: string | null;
}

/** An alert by its id, in a list that is read page by page, the newest first; null where it is not among them. */
export async function findAlert(
  id: string,
  read: (cursor: string | null) => Promise<AlertPage>,
): Promise<AlertAnswer | null> {
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { alerts, nextCursor }: AlertPage = await read(cursor);
    const found = alerts.find((alert) => alert.id === id);
    if (found !== undefined) return found;
    if (nextCursor === null) return null;
    cursor = nextCursor;
  }
  return null;
}

/** Whether an alert is to be looked for again: one that is over stays so, and one that is not there may come. */
export function mayChange(alert: AlertAnswer | null): boolean {
  return alert === null || alert.clearedAt === null;
}
