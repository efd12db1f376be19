import type { OutboxEntry } from '@halo/client';

/** What is kept of an entry to find it again: a long queue is read through, and not held in memory. */
export interface EntryBrief {
  readonly id: string;
  readonly seq: number;
  readonly type: string;
  readonly state: OutboxEntry['state'];
  /** The report that it changes or withdraws. */
  readonly reportId: string | undefined;
}

/** Entries that are read at once. */
const PAGE_ENTRIES = 500;
/** The least time between two readings, in milliseconds: while a queue is sent it changes many times a second. */
const REST_MS = 500;

/** An entry in brief. */
export function briefOf(entry: OutboxEntry): EntryBrief {
  const { id, seq, type, state } = entry;
  return { id, seq, type, state, reportId: reportChangedBy(entry) };
}

/** The report that an entry changes or withdraws, if it is such a one. */
export function reportChangedBy({ type, args }: Pick<OutboxEntry, 'type' | 'args'>): string | undefined {
  if (type !== 'report.amend' && type !== 'report.withdraw') return undefined;
  const { reportId } = (args ?? {}) as { readonly reportId?: unknown };
  return typeof reportId === 'string' ? reportId : undefined;
}

export interface BriefsOptions {
  readonly list: (page: { limit: number; after: number }) => Promise<readonly OutboxEntry[]>;
  /** Hears of each reading from beginning to end. */
  readonly onRead: (briefs: readonly EntryBrief[]) => void;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Reads the whole outbox in brief, page by page, and again when it has changed meanwhile. One reading at a time, each to
 * its end: a queue that never rests is still told of.
 */
export class OutboxBriefs {
  readonly #options: BriefsOptions;
  #stale = false;
  #reading: Promise<void> | undefined;
  #stopped = false;

  constructor(options: BriefsOptions) {
    this.#options = options;
  }

  /** It may have other entries now. Resolves when they have been read; rejects when they cannot be. */
  changed(): Promise<void> {
    this.#stale = true;
    // Begun behind this call: what it asks may call this again at once.
    this.#reading ??= Promise.resolve().then(() => this.#read());
    return this.#reading;
  }

  /** Tells nothing more. */
  stop(): void {
    this.#stopped = true;
  }

  async #read(): Promise<void> {
    try {
      while (this.#stale && !this.#stopped) {
        this.#stale = false;
        const briefs = await this.#readThrough();
        if (this.#stopped) return;
        this.#options.onRead(briefs);
        if (this.#stale) await this.#options.sleep(REST_MS);
      }
    } finally {
      this.#reading = undefined;
    }
  }

  async #readThrough(): Promise<EntryBrief[]> {
    const briefs: EntryBrief[] = [];
    for (;;) {
      const page = await this.#options.list({ limit: PAGE_ENTRIES, after: briefs.at(-1)?.seq ?? 0 });
      briefs.push(...page.map(briefOf));
      if (page.length < PAGE_ENTRIES || this.#stopped) return briefs;
    }
  }
}
