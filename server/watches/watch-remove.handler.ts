import { WATCH_REMOVE, watchRemoveSchema } from '@halo/shapes/mutations/watch-remove.ts';
import type { WatchRemoveArgs } from '@halo/shapes/mutations/watch-remove.ts';
import { missing } from '../mutations/mutation-handler.ts';
import type { MutationContext, MutationHandler } from '../mutations/mutation-handler.ts';
import { deleteWatch } from './watch-store.ts';

/** `watch.remove`: an own place is watched no more. One that another device has removed is what he wanted. */
export const watchRemoveHandler: MutationHandler<WatchRemoveArgs> = {
  type: WATCH_REMOVE,
  schema: watchRemoveSchema,
  locks: () => [],
  async apply(tx, { watchId }, context) {
    if (!(await deleteWatch(tx, watchId, context.userId)) && !(await onceMade(watchId, context)))
      throw await missing(context, watchId, 'watchId');
    return { watchId };
  },
};

/** Whether the caller has made this watch: its id is that of the mutation which did. */
async function onceMade(watchId: string, context: MutationContext): Promise<boolean> {
  const settled = await context.settled(watchId);
  return settled?.status === 'applied' && settled.result['watchId'] === watchId;
}
