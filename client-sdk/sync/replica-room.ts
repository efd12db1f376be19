import type { DeviceStore } from '../platform/device-store.ts';
import type { Tabs } from '../platform/tabs.ts';
import type { Environment } from './environment.ts';
import type { ReplicaHandle } from './replica-handle.ts';
import { waitAtMost } from './wait-at-most.ts';

/** Longest that a write waits for the replica's room, in milliseconds: it may still be opening, or another tab not listen. */
const ROOM_LIMIT_MS = 10_000;

export interface ReplicaRoomOptions {
  readonly store: Pick<DeviceStore, 'destroyReplica'>;
  readonly account: string;
  readonly tabs: Tabs;
  readonly environment: Pick<Environment, 'sleep'>;
  readonly replica: Pick<ReplicaHandle, 'giveUp'>;
  /** The replica is being given up: what uses it ends. */
  onGivenUp(): void;
}

/**
 * Gives the replica's room to the queue. All tabs let go of it, for whichever runs it holds its files; the one that needs the room
 * deletes them. A client that has given it up has none until it is opened again, so that no device goes in circles of
 * reading everything, being full, and deleting it.
 */
export class ReplicaRoom {
  readonly #options: ReplicaRoomOptions;

  constructor(options: ReplicaRoomOptions) {
    this.#options = options;
    options.tabs.onTold(({ kind }) => {
      if (kind === 'room_wanted') void this.#letGo();
    });
  }

  /** Resolves when the files are gone, or have not gone in time; then they go as soon as nothing holds them. Never rejects. */
  async give(): Promise<void> {
    const { store, account, tabs, environment } = this.#options;
    tabs.tell({ kind: 'room_wanted' });
    // What another tab still holds stays; the next write that finds no room asks again.
    const gone = this.#letGo().then(() => store.destroyReplica(account).catch(() => {}));
    await waitAtMost(gone, ROOM_LIMIT_MS, environment.sleep);
  }

  #letGo(): Promise<void> {
    const { replica, onGivenUp } = this.#options;
    const closed = replica.giveUp();
    onGivenUp();
    return closed;
  }
}
