import { messageOf } from '../errors.ts';
import type { TabMessage, Tabs } from '../platform/tabs.ts';
import { retryDelayMs } from './backoff.ts';
import type { Environment } from './environment.ts';
import { linkedAbort } from './linked-abort.ts';
import type { LinkedAbort } from './linked-abort.ts';
import type { StatusBoard } from './status-board.ts';
import type { SyncLoop } from './sync-loop.ts';
import type { TabTalk } from './tab-talk.ts';

export interface LeadershipOptions {
  readonly tabs: Tabs;
  readonly talk: Pick<TabTalk, 'leads'>;
  readonly board: Pick<StatusBoard, 'status' | 'onStatus' | 'begins' | 'delivery'>;
  readonly environment: Pick<Environment, 'random' | 'sleep'>;
  readonly loop: Pick<SyncLoop, 'run'>;
  /** Runs first whenever this tab begins to lead; never rejects. */
  onTurn(): Promise<void>;
}

/**
 * When this tab leads: the tabs of an account take turns in the order in which they came. One without a replica delivers,
 * but streams nothing, while another's replica may be open and would show for ever what it held when its leader died: so it
 * leaves the lead to a tab that has one, and waits for its next turn.
 */
export class Leadership {
  readonly #options: LeadershipOptions;
  #turn: LinkedAbort | undefined;
  #leaves = false;
  /** Of this tab's replica, as it was last told. */
  #replica: string | undefined;

  constructor(options: LeadershipOptions) {
    this.#options = options;
  }

  /** Leads whenever it is this tab's turn, until `stop` aborts. Rejects when the tabs cannot agree. */
  async run(stop: AbortSignal): Promise<void> {
    const { tabs, board } = this.#options;
    const offs = [
      tabs.onTold((message) => this.#told(message)),
      board.onStatus(({ replica: { state } }) => this.#replicaIs(state)),
    ];
    try {
      do {
        this.#leaves = false;
        await tabs.lead(stop, (signal) => this.#lead(signal));
      } while (this.#leaves && !stop.aborted);
    } finally {
      for (const off of offs) off();
    }
  }

  /** Leads until told to stop, or to leave it; a fault of the loop itself is shown, and the loop begins again. */
  async #lead(stop: AbortSignal): Promise<void> {
    const { talk, board, environment, loop, onTurn } = this.#options;
    const turn = linkedAbort(stop);
    const { signal } = turn;
    this.#turn = turn;
    talk.leads = true;
    // What it has shown so far it heard of the tab that led before.
    board.begins();
    await onTurn();
    this.#sayHow();
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        await loop.run(signal);
      } catch (error) {
        board.delivery({ code: 'sync_failed', message: messageOf(error) });
        await environment.sleep(retryDelayMs(failures, environment.random()), signal);
      }
    }
    talk.leads = false;
    this.#turn = undefined;
    turn.unlink();
  }

  #told({ kind }: TabMessage): void {
    if (kind === 'replica_wanted' && this.#replica === 'ready') this.#tell('replica_here');
    if (kind !== 'replica_here' || this.#replica !== 'unavailable' || this.#turn === undefined) return;
    this.#leaves = true;
    this.#turn.abort();
  }

  #replicaIs(state: string): void {
    const isNews = state !== this.#replica;
    this.#replica = state;
    if (isNews) this.#sayHow();
  }

  /** Where this tab leads without a replica, one that has one is to say so; where it has one, and waits, it does. */
  #sayHow(): void {
    if (this.#replica === 'unavailable' && this.#turn !== undefined) this.#tell('replica_wanted');
    if (this.#replica === 'ready' && this.#turn === undefined) this.#tell('replica_here');
  }

  #tell(kind: 'replica_wanted' | 'replica_here'): void {
    this.#options.tabs.tell({ kind });
  }
}
