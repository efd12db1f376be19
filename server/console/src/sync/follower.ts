import { FetchError, ShapeStream } from '@electric-sql/client';
import type { Message, Row } from '@electric-sql/client';
import type { Session } from '../session/session.ts';
import { Rows, postgresTimeMs } from './rows.ts';
import type { ShapeRow, Value } from './rows.ts';

/** A shape that no page shows any more is followed on for so long, so that going back shows it at once. */
const LINGER_MS = 15_000;
/** Rows are drawn anew at most this often, whatever comes. */
const PUBLISH_EVERY_MS = 200;

/** After a failure that passes the stream goes on after so long. */
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

/** What may be done with an entry while it is followed. */
interface Hands {
  readonly change: (followed: Partial<Followed>) => void;
  readonly lost: () => void;
  /** Nobody shows it any more, or nobody is logged in. */
  readonly isOver: () => boolean;
  /** Does something again until it succeeds; rejects where it is over. */
  readonly patiently: <T>(work: () => Promise<T>) => Promise<T>;
}

/** What is followed of a shape: all its rows, or only those that come or change from now on, where all would be too many. */
export type Part = 'whole' | 'news';

interface Entry {
  followed: Followed;
  readonly listeners: Set<() => void>;
  readonly ended: AbortController;
  linger?: ReturnType<typeof setTimeout>;
}

/** What a follower stands on. */
export interface FollowerParts {
  readonly session: Pick<Session, 'accessToken' | 'accessTokenInUse' | 'renew' | 'state'>;
  /** Where the server is, e.g. `https://halo.example`. */
  readonly origin: string;
  readonly request: typeof fetch;
  readonly rest: (ms: number) => Promise<void>;
}

/** Follows shapes of the server by Electric's protocol, each once for all who show it. */
export class Follower {
  readonly #parts: FollowerParts;
  readonly #entries = new Map<string, Entry>();

  constructor(parts: FollowerParts) {
    this.#parts = parts;
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
    const { session, origin, request, rest } = this.#parts;
    const rows = new Rows();
    const hands = this.#handsOn(entry);
    const { change, lost, isOver, patiently } = hands;
    const stream = new ShapeStream<Row<Value>>({
      url: `${origin}/v1/shapes/${name}`,
      ...(part === 'news' ? { offset: 'now' as const, log: 'changes_only' as const } : {}),
      headers: { authorization: async () => `Bearer ${await patiently(session.accessToken)}` },
      parser: { timestamptz: postgresTimeMs },
      signal: entry.ended.signal,
      fetchClient: async (input, init) => {
        try {
          const answer = await request(input, init);
          if (answer.status >= 500) lost();
          return answer;
        } catch (error) {
          if (!entry.ended.signal.aborted) lost();
          throw error;
        }
      },
      onError: (error) => this.#afterFailure(error, hands),
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
      // The client has ended for good. Unless the server refused it, that was no last word: an answer that a proxy made, say.
      () => {
        if (isOver() || entry.followed.at === 'refused') return;
        lost();
        void rest(TRY_AGAIN_AFTER_MS).then(() => {
          if (isOver()) return;
          change({ begunAnew: entry.followed.begunAnew + 1 });
          this.#stream(name, part, entry);
        });
      },
    );
  }

  #handsOn(entry: Entry): Hands {
    const { session, rest } = this.#parts;
    const change: Hands['change'] = (followed) => {
      entry.followed = { ...entry.followed, ...followed };
      for (const listener of entry.listeners) listener();
    };
    const lost = () => {
      if (entry.followed.at === 'live') change({ at: 'lost', sinceMs: Date.now() });
    };
    const isOver = () => entry.ended.signal.aborted || session.state().at === 'out';
    const patiently: Hands['patiently'] = async (work) => {
      for (;;) {
        try {
          return await work();
        } catch (error) {
          if (isOver()) throw error;
          lost();
          await rest(TRY_AGAIN_AFTER_MS);
        }
      }
    };
    return { change, lost, isOver, patiently };
  }

  /** Electric's client goes on after an object and ends after undefined; some failures in a row end it, too. */
  async #afterFailure(error: Error, { change, lost, isOver, patiently }: Hands): Promise<object | undefined> {
    const { session, rest } = this.#parts;
    if (!(error instanceof FetchError)) {
      lost();
      await rest(TRY_AGAIN_AFTER_MS);
      return isOver() ? undefined : {};
    }
    if (error.status === 401) {
      const refused = session.accessTokenInUse() ?? '';
      // Rejects where the session is over; the shell then shows the log-in. A server that is busy or away says nothing of it.
      return patiently(() => session.renew(refused)).then(
        () => ({}),
        () => undefined,
      );
    }
    change({ at: 'refused', sinceMs: Date.now(), code: codeOf(error) });
    return undefined;
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
