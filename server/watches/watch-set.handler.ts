import { WATCH_SET, watchSetSchema } from '@halo/shapes/mutations/watch-set.ts';
import type { WatchSetArgs } from '@halo/shapes/mutations/watch-set.ts';
import { missing, MutationRejection } from '../mutations/mutation-handler.ts';
import type { MutationHandler } from '../mutations/mutation-handler.ts';
import { countWatches, insertWatch, updateWatch } from './watch-store.ts';

/** Most places that one person watches: each device looks at all of them with every position. */
const MAX_WATCHES = 50;

/**
 * `watch.set`: makes a watched place, or sets an own one anew. Of two devices that set the same one, the last to
 * arrive holds: it is a setting that moves nothing for others.
 */
export const watchSetHandler: MutationHandler<WatchSetArgs> = {
  type: WATCH_SET,
  schema: watchSetSchema,
  locks: () => [],
  async apply(tx, { watchId, ...place }, context) {
    const { userId, mutationId } = context;
    if (watchId !== undefined) {
      if (await updateWatch(tx, watchId, userId, place)) return { watchId };
      throw await missing(context, watchId, 'watchId');
    }
    if ((await countWatches(tx, userId)) >= MAX_WATCHES)
      throw new MutationRejection('too_many_watches', `Nobody watches more than ${MAX_WATCHES} places.`);
    if (!(await insertWatch(tx, mutationId, userId, place)))
      throw new MutationRejection('watch_id_taken', 'Another watch has this id already; set it again.');
    return { watchId: mutationId };
  },
};
