import type { HaloStatus } from '../api.ts';
import type { TabMessage, Tabs, WantedShape } from '../platform/tabs.ts';
import type { Subscription } from '../replica/subscription.ts';
import type { Environment } from './environment.ts';
import type { StatusBoard } from './status-board.ts';
import { SAY_EVERY_MS, TabShapes } from './tab-shapes.ts';

export interface TabTalkOptions {
  readonly tabs: Tabs;
  readonly board: StatusBoard;
  readonly subscriptions: readonly Subscription[];
  readonly environment: Pick<Environment, 'now' | 'sleep'>;
  /** Another tab has changed the outbox. */
  onOutbox(): void;
  /** Another tab has changed these views. */
  onTables(tables: readonly string[]): void;
  /** Other shapes are wanted than those that this tab, which leads, streams. */
  onShapes(): void;
  /** Another tab has seen that the network came back, or is looked at; this one leads. */
  onResumed(): void;
  onLoggedOut(): void;
}

/** What this tab and the others of its account tell each other. */
export class TabTalk {
  readonly shapes: TabShapes;
  /** Whether this tab leads. */
  leads = false;
  readonly #options: TabTalkOptions;
  readonly #name = crypto.randomUUID();
  readonly #offs: (() => void)[];

  constructor(options: TabTalkOptions) {
    const { tabs, board, subscriptions, environment } = options;
    this.#options = options;
    this.shapes = new TabShapes(subscriptions, environment.now);
    this.#offs = [
      tabs.onTold((message) => this.#told(message)),
      board.onStatus(() => {
        if (this.leads) tabs.tell({ kind: 'status', status: board.ofAllTabs() });
      }),
    ];
  }

  /** Introduces this tab, and says what it wants for as long as it is open. */
  async run(signal: AbortSignal): Promise<void> {
    const { tabs, environment } = this.#options;
    tabs.tell({ kind: 'status_wanted' });
    tabs.tell({ kind: 'shapes_wanted' });
    while (!signal.aborted && tabs.many) {
      this.#sayShapes();
      this.#lookAtShapes();
      await environment.sleep(SAY_EVERY_MS, signal);
    }
  }

  outboxChanged(): void {
    this.#options.tabs.tell({ kind: 'outbox_changed' });
  }

  tablesChanged(tables: readonly string[]): void {
    this.#options.tabs.tell({ kind: 'replica_changed', tables });
  }

  loggedOut(): void {
    this.#options.tabs.tell({ kind: 'logged_out' });
  }

  /** Listens no more; the others need not stream for this tab any more. */
  end(): void {
    for (const off of this.#offs) off();
    this.#options.tabs.tell({ kind: 'shapes', tab: this.#name, shapes: [] });
  }

  #told(message: TabMessage): void {
    const { tabs, board, onOutbox, onTables, onLoggedOut } = this.#options;
    switch (message.kind) {
      case 'outbox_changed':
        return onOutbox();
      case 'replica_changed':
        return onTables(message.tables);
      case 'status':
        if (!this.leads) board.mirror(message.status as HaloStatus);
        return;
      case 'status_wanted':
        if (this.leads) tabs.tell({ kind: 'status', status: board.ofAllTabs() });
        return;
      case 'shapes':
        this.shapes.heard(message.tab, message.shapes);
        return this.#lookAtShapes();
      case 'shapes_wanted':
        return this.#sayShapes();
      case 'resumed':
        if (this.leads) this.#options.onResumed();
        return;
      case 'logged_out':
        return onLoggedOut();
      case 'verification_wanted':
      case 'verified':
        // Heard by `TabVerification`.
        return;
      case 'replica_wanted':
      case 'replica_here':
        // Heard by `Leadership`.
        return;
      case 'room_wanted':
        // Heard by `ReplicaRoom`.
        return;
    }
  }

  #sayShapes(): void {
    const { tabs, subscriptions } = this.#options;
    const shapes = subscriptions.map(({ definition, params, lookEveryMs }): WantedShape => {
      return { name: definition.name, params, ...(lookEveryMs === undefined ? {} : { lookEveryMs }) };
    });
    tabs.tell({ kind: 'shapes', tab: this.#name, shapes });
  }

  #lookAtShapes(): void {
    if (this.leads && this.shapes.changed) this.#options.onShapes();
  }
}
