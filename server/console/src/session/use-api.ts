import { useCallback, useEffect, useState } from 'react';
import type { z } from 'zod';
import { ApiError, asApiError, parsed } from './api-error.ts';
import { useParts } from './session-context.tsx';
import type { Session } from './session.ts';

/** What a page has of what it asked for. Data stays while it is asked for again; `error` beside it says that it is old. */
export interface Loaded<T> {
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  /** When the data came, in milliseconds; undefined while there is none. */
  readonly atMs: number | undefined;
  readonly reload: () => void;
}

/** Asks for JSON of a known form; rejects with an `ApiError`. */
export async function askJson<S extends z.ZodType>(
  session: Session,
  path: string,
  schema: S,
  init: RequestInit = {},
): Promise<z.infer<S>> {
  const text = await session.ask(path, init);
  const answer = schema.safeParse(parsed(text));
  if (answer.success) return answer.data;
  throw new ApiError('unexpected_answer', 200, `${path}: ${answer.error.issues[0]?.message ?? ''}`);
}

/** Sends JSON; resolves with the text of the answer. */
export function send(session: Session, method: string, path: string, body?: unknown): Promise<string> {
  if (body === undefined) return session.ask(path, { method });
  const headers = { 'content-type': 'application/json' };
  return session.ask(path, { method, headers, body: JSON.stringify(body) });
}

interface Kept<T> {
  readonly path: string | undefined;
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  readonly atMs: number | undefined;
}

/**
 * Asks for `path`, again every `everyMs` while the page is in sight, and at `reload`. Nothing is asked for while
 * `path` is undefined. What another path gave is not shown for this one.
 */
export function useApi<S extends z.ZodType>(
  path: string | undefined,
  schema: S,
  everyMs?: number,
): Loaded<z.infer<S>> {
  const { session } = useParts();
  const [kept, setKept] = useState<Kept<z.infer<S>>>(NOTHING);
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((last) => last + 1), []);
  useEffect(() => {
    if (path === undefined) return;
    const ended = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async () => {
      try {
        const data = await askJson(session, path, schema, { signal: ended.signal });
        if (!ended.signal.aborted) setKept({ path, data, error: undefined, atMs: Date.now() });
      } catch (thrown) {
        if (ended.signal.aborted) return;
        const error = asApiError(thrown);
        setKept((last) => (last.path === path ? { ...last, error } : { ...NOTHING, path, error }));
      }
      if (everyMs !== undefined && !ended.signal.aborted) timer = setTimeout(again, everyMs);
    };
    // A page that nobody looks at asks nothing; it asks at once when it is looked at again.
    const again = () => {
      if (document.visibilityState === 'visible') void load();
      else document.addEventListener('visibilitychange', again, { once: true });
    };
    void load();
    return () => {
      ended.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', again);
    };
  }, [session, path, schema, everyMs, round]);
  const own = kept.path === path ? kept : NOTHING;
  return { data: own.data, error: own.error, atMs: own.atMs, reload };
}

const NOTHING = { path: undefined, data: undefined, error: undefined, atMs: undefined };

/** Posts JSON and reads the answer of a known form; rejects with an `ApiError`. */
export function postJson<S extends z.ZodType>(
  session: Session,
  path: string,
  body: unknown,
  schema: S,
): Promise<z.infer<S>> {
  const headers = { 'content-type': 'application/json' };
  return askJson(session, path, schema, { method: 'POST', headers, body: JSON.stringify(body) });
}
