import { WATCH_REMOVE } from '@halo/shapes/mutations/watch-remove.ts';
import type { WatchRemoveArgs } from '@halo/shapes/mutations/watch-remove.ts';
import { WATCH_SET } from '@halo/shapes/mutations/watch-set.ts';
import type { WatchSetArgs } from '@halo/shapes/mutations/watch-set.ts';
import type { OptimisticView, PendingMutation, RowPatch } from './optimistic-view.ts';

/** Watched places set and removed. */
export const myWatchesView: OptimisticView = {
  shape: 'my_watches',
  columns: ['name', 'lat', 'lon', 'radius_m', 'threshold', 'created_at', 'updated_at'],
  subjectOf({ id, type, args }) {
    if (type === WATCH_SET) return (args as WatchSetArgs).watchId ?? id;
    if (type === WATCH_REMOVE) return (args as WatchRemoveArgs).watchId;
    return undefined;
  },
  fold: (mutations) => mutations.reduce(after, { kind: 'change', values: {} }),
};

function after(before: RowPatch, { type, args, createdAt }: PendingMutation): RowPatch {
  // What was removed is not there to be set anew: the server will say so.
  if (type === WATCH_REMOVE || before.kind === 'hide') return { kind: 'hide', values: {} };
  const { watchId, name, lat, lon, radiusM: radius_m, threshold } = args as WatchSetArgs;
  const place = { name, lat, lon, radius_m, threshold, updated_at: createdAt };
  if (watchId === undefined) return { kind: 'make', values: { ...place, created_at: createdAt } };
  return { ...before, values: { ...before.values, ...place } };
}
