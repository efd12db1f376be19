import type { ShapeVerification } from '../api.ts';
import { loadPart } from '../load-part.ts';
import type { Subscription } from '../replica/subscription.ts';
import type { AskOptions } from './ask-leading-tab.ts';

export interface TabVerificationOptions extends AskOptions {
  /** What this tab wants: of others it says nothing. */
  readonly subscriptions: readonly Pick<Subscription, 'id'>[];
  leads(): boolean;
  /** Compares the rows of all shapes that are streamed; only asked of the tab that leads. */
  verify(): Promise<ShapeVerification[]>;
}

/** Has the tab that streams compare the rows, since only it can fetch them again. */
export class TabVerification {
  readonly #options: TabVerificationOptions;
  readonly #off: () => void;

  constructor(options: TabVerificationOptions) {
    this.#options = options;
    this.#off = options.tabs.onTold((message) => {
      if (message.kind === 'verification_wanted' && options.leads()) void this.#answer(message.ask);
    });
    options.stop.addEventListener('abort', this.#off, { once: true });
  }

  /** Compares; fails with `no_answer` when no tab that leads has answered in time, and with `part_not_loaded`. */
  async verify(): Promise<ShapeVerification[]> {
    const { leads, verify, tabs, subscriptions } = this.#options;
    const own = new Set(subscriptions.map(({ id }) => id));
    const all = !tabs.many || leads() ? await verify() : await this.#ask();
    return all.filter(({ shape }) => own.has(shape));
  }

  async #ask(): Promise<ShapeVerification[]> {
    const { askLeadingTab } = await loadPart(() => import('./ask-leading-tab.ts'));
    return askLeadingTab(this.#options);
  }

  /** What it cannot compare it does not answer: the asker's time runs out. */
  async #answer(ask: string): Promise<void> {
    const { tabs, verify } = this.#options;
    const verifications = await verify().catch(() => undefined);
    if (verifications !== undefined) tabs.tell({ kind: 'verified', ask, verifications });
  }
}
