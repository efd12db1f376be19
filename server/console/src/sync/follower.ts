import { FetchError, ShapeStream } from '@electric-sql/client';
import type { Message, Row } from '@electric-sql/client';
import type { Session } from '../session/session.ts';
import { Rows, postgresTimeMs } from './rows.ts';
import type { ShapeRow, Value } from './rows.ts';

/** A shape that no page shows any more is followed on for so long, so that going back shows it at once. */
const LINGER_MS = 15_000;
/** Rows are drawn anew at most this often, whatever comes. */
const PUBLISH_EVERY_MS = 200;

/** After a failure that was no answer the stream goes on after so long. */
const TRY_AGAIN_AFTER_MS = 2_000;

/** What a page has of a shape. `lost` says that the server is not reached, and since when; rows stay. */
export interface Followed {
  readonly at: 'loading' | 'live' | 'lost' | 'refused';
  readonly sinceMs: number;
  readonly rows: readonly ShapeRow[];
  /** How often the server had it begun anew; what came before may lack what happened meanwhile. */
  readonly begunAnew: number;
  /** The problem's code where it was refused. */
  readonly code?: string;
}

/** What is followed of a shape: all its rows, or only those that come or change from now on, where all would be too many. */
export type Part = 'whole' | 'news';

interface Entry {
  followed: Followed;
  readonly listeners: Set<() => void>;
  readonly ended: AbortController;
  linger?: ReturnType<typeof setTimeout>;
}

/** Follows shapes of the server by Electric's protocol, each once for all who show it. */
export class Follower {
  readonly #session: Session;
  readonly #origin: string;
  readonly #entries = new Map<string, Entry>();

  constructor(session: Session, origin: string) {
    this.#session = session;
    this.#origin = origin;
  }

  /** Follows a shape until the answer is called. `name` may carry parameters: `incidents?region=01`. */
  subscribe(name: string, listener: () => void, part: Part = 'whole'): () => void {
    const key = keyOf(name, part);
    const entry = this.#entries.get(key) ?? this.#begin(name, part);
    clearTimeout(entry.linger);
    entry.listeners.add(listener);
    return () => {
      entry.listeners.delete(listener);
      if (entry.listeners.size > 0) return;
      entry.linger = setTimeout(() => {
        entry.ended.abort();
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
      }, LINGER_MS);
    };
  }

  /** What is there of a shape now. */
  read(name: string, part: Part = 'whole'): Followed {
    return this.#entries.get(keyOf(name, part))?.followed ?? NOT_BEGUN;
  }

  /** Ends all, and forgets the rows: the person has logged out. */
  close(): void {
    for (const entry of this.#entries.values()) {
      clearTimeout(entry.linger);
      entry.ended.abort();
    }
    this.#entries.clear();
  }

  #begin(name: string, part: Part): Entry {
    const entry: Entry = {
      followed: { at: 'loading', sinceMs: Date.now(), rows: [], begunAnew: 0 },
      listeners: new Set(),
      ended: new AbortController(),
    };
    this.#entries.set(keyOf(name, part), entry);
    this.#stream(name, part, entry);
    return entry;
  }

  #stream(name: string, part: Part, entry: Entry): void {
    const rows = new Rows();
    const change = (followed: Partial<Followed>) => {
      entry.followed = { ...entry.followed, ...followed };
      for (const listener of entry.listeners) listener();
    };
    const lost = () => {
      if (entry.followed.at === 'live') change({ at: 'lost', sinceMs: Date.now() });
    };
    const stream = new ShapeStream<Row<Value>>({
      url: `${this.#origin}/v1/shapes/${name}`,
      ...(part === 'news' ? { offset: 'now' as const, log: 'changes_only' as const } : {}),
      headers: { authorization: async () => `Bearer ${await this.#session.accessToken()}` },
      parser: { timestamptz: postgresTimeMs },
      signal: entry.ended.signal,
      fetchClient: async (input, init) => {
        try {
          const answer = await fetch(input, init);
          if (answer.status >= 500) lost();
          return answer;
        } catch (error) {
          if (!entry.ended.signal.aborted) lost();
          throw error;
        }
      },
      onError: async (error) => {
        if (!(error instanceof FetchError)) {
          lost();
          await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_AFTER_MS));
          return this.#session.state().at === 'in' ? {} : undefined;
        }
        if (error.status === 401) {
          const refused = this.#session.accessTokenInUse() ?? '';
          // Rejects where the session is over; the shell then shows the log-in.
          return this.#session.renew(refused).then(
            () => ({}),
            () => undefined,
          );
        }
        change({ at: 'refused', sinceMs: Date.now(), code: codeOf(error) });
        return undefined;
      },
    });
    const publish = paced(PUBLISH_EVERY_MS, () => {
      const sinceMs = entry.followed.at === 'live' ? entry.followed.sinceMs : Date.now();
      change({ at: 'live', sinceMs, rows: rows.all() });
    });
    stream.subscribe(
      (messages: Message<Row<Value>>[]) => {
        if (messages.some(({ headers }) => headers.control === 'must-refetch'))
          change({ begunAnew: entry.followed.begunAnew + 1 });
        if (!rows.apply(messages)) return;
        const isNews = messages.some((message) => 'key' in message);
        if (isNews || entry.followed.at !== 'live') publish();
      },
      () => {},
    );
  }
}

const NOT_BEGUN: Followed = { at: 'loading', sinceMs: 0, rows: [], begunAnew: 0 };

const keyOf = (name: string, part: Part) => `${part} ${name}`;

function codeOf(error: FetchError): string {
  const code: unknown = (error.json as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : `http_${error.status}`;
}

/** `work`, at once and then at most every `everyMs`; the last call is never left out. */
function paced(everyMs: number, work: () => void): () => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    if (timer !== undefined) return;
    const waitMs = lastMs + everyMs - performance.now();
    const run = () => {
      timer = undefined;
      lastMs = performance.now();
      work();
    };
    if (waitMs <= 0) run();
    else timer = setTimeout(run, waitMs);
  };
}
