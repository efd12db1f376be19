import { MUTATION_SCHEMAS } from '@halo/shapes/mutations/mutation-schemas.ts';
import type { StoredMutation } from '../../outbox/outbox-store.ts';
import { commentsView } from './comments.ts';
import { incidentsView } from './incidents.ts';
import { myReportsView } from './my-reports.ts';
import { myWatchesView } from './my-watches.ts';
import type { OptimisticView, PendingMutation } from './optimistic-view.ts';

/** The views that pending mutations alter, by shape. Each mutation is about one row of one of them. */
export const OPTIMISTIC_VIEWS: ReadonlyMap<string, OptimisticView> = new Map(
  [myReportsView, commentsView, myWatchesView, incidentsView].map((view) => [view.shape, view]),
);

/** One row of one view. */
export interface Subject {
  readonly shape: string;
  readonly id: string;
}

/**
 * A mutation of the outbox, ready to be shown, and the row that it is about; undefined when it is of a type, or has
 * arguments, that this version does not know: it is still delivered, and judged by the server.
 */
export function pendingOf(
  stored: StoredMutation,
): { readonly mutation: PendingMutation; readonly subject: Subject } | undefined {
  const { id, seq, type, createdAt } = stored;
  const parsed = MUTATION_SCHEMAS.get(type)?.safeParse(stored.args);
  if (parsed?.success !== true) return undefined;
  const mutation = { id, seq, type, createdAt, args: parsed.data };
  for (const { shape, subjectOf } of OPTIMISTIC_VIEWS.values()) {
    const subject = subjectOf(mutation);
    if (subject !== undefined) return { mutation, subject: { shape, id: subject } };
  }
  return undefined;
}
