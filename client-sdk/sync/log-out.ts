import type { HaloStatus } from '../api.ts';
import { HaloClientError } from '../errors.ts';
import { forgetNotices } from '../geofence/notice-memory.ts';
import type { DeviceStore } from '../platform/device-store.ts';
import { doomReplica, replicaIsGone } from '../replica/doomed-replica.ts';
import { forgetIdentity } from './device-identity.ts';
import type { MutationQueue } from './mutation-queue.ts';
import type { ReplicaHandle } from './replica-handle.ts';
import type { Session } from './session.ts';
import type { TabTalk } from './tab-talk.ts';

export interface LogOutParts {
  readonly account: string;
  readonly store: DeviceStore;
  readonly session: Session;
  readonly queue: MutationQueue;
  readonly replica: ReplicaHandle;
  readonly talk: Pick<TabTalk, 'loggedOut'>;
  /** Resolves when nothing of this client delivers or uses the replica any more. */
  readonly quiet: Promise<void>;
}

/**
 * Ends the session before anything else, so that nobody goes on as this person when the rest fails or hangs; then drops
 * the queue if a person has said so, and the replica. A replica whose files another tab still holds is emptied, and
 * removed before it is next opened. Fails with `replica_not_removed` when it could not even be emptied.
 */
export async function logOut(parts: LogOutParts, discard: boolean): Promise<void> {
  const { account, store, session, replica, talk, quiet } = parts;
  try {
    await doomReplica(store.settings, account).finally(() => session.end());
  } finally {
    talk.loggedOut();
  }
  await quiet;
  if (discard) await discardAll(parts);
  const [emptied] = await Promise.allSettled([replica.clear(), forgetNotices(store.settings, account)]);
  await Promise.allSettled([replica.close()]);
  try {
    await store.destroyReplica(account);
    await replicaIsGone(store.settings, account);
  } catch (cause) {
    if (emptied.status === 'fulfilled') return;
    const message =
      'You are logged out. Your copy of the data could not be removed; it is before it is next opened.';
    throw new HaloClientError('replica_not_removed', message, { cause });
  }
}

/** Throws `unsent_mutations` where something would be lost. */
export function refuseUnsent({ pending, rejected }: HaloStatus['outbox']): void {
  if (pending + rejected === 0) return;
  const message =
    `${pending} reports have not been sent, and ${rejected} were rejected and not yet dealt with. ` +
    `See to them first, or pass { unsent: 'discard' }.`;
  throw new HaloClientError('unsent_mutations', message);
}

/** The account begins as a new device then: the server may have received some of what is thrown away. */
async function discardAll({ account, store, queue }: LogOutParts): Promise<void> {
  if (await queue.empty()) await forgetIdentity(store.settings, account);
}
