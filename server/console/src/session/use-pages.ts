import { useCallback, useEffect, useRef, useState } from 'react';
import type { z } from 'zod';
import { asApiError } from './api-error.ts';
import type { ApiError } from './api-error.ts';
import { useParts } from './session-context.tsx';
import { askJson } from './use-api.ts';

/** Pages of a list that is read by a cursor. */
export interface Pages<Item> {
  /** Undefined until the first page is here. */
  readonly items: readonly Item[] | undefined;
  readonly error: ApiError | undefined;
  readonly busy: boolean;
  /** Reads one page more; undefined where there is none. */
  readonly more: (() => void) | undefined;
  readonly reload: () => void;
}

interface Read<Item> {
  readonly path: string;
  readonly items: readonly Item[] | undefined;
  readonly next: string | null;
  readonly error: ApiError | undefined;
  readonly busy: boolean;
}

/**
 * Reads `path` page by page, each when it is asked for. `itemsOf` must not change between renders. With `everyMs` the
 * first page is read again so often, as long as it is the only one.
 */
export function usePages<S extends z.ZodType<{ nextCursor: string | null }>, Item>(
  path: string,
  schema: S,
  itemsOf: (page: z.infer<S>) => readonly Item[],
  everyMs?: number,
): Pages<Item> {
  const { session } = useParts();
  const [read, setRead] = useState<Read<Item>>(() => nothing(path));
  const [round, setRound] = useState(0);
  const current = useRef<AbortController>(undefined);
  const load = useCallback(
    async (cursor: string | null, ended: AbortController) => {
      setRead((last) => ({ ...(last.path === path ? last : nothing<Item>(path)), busy: true }));
      try {
        const signal = ended.signal;
        const page = await askJson(session, withCursor(path, cursor), schema, { signal });
        if (ended.signal.aborted) return;
        const items = itemsOf(page);
        setRead((last) => ({
          path,
          items: cursor === null ? items : [...(last.items ?? []), ...items],
          next: page.nextCursor,
          error: undefined,
          busy: false,
        }));
      } catch (thrown) {
        if (!ended.signal.aborted) setRead((last) => ({ ...last, error: asApiError(thrown), busy: false }));
      }
    },
    [session, path, schema, itemsOf],
  );
  useEffect(() => {
    const ended = new AbortController();
    current.current = ended;
    void load(null, ended);
    return () => ended.abort();
  }, [load, round]);
  const isOnePage = read.items === undefined || read.next === null || read.items.length <= PAGE_ITEMS;
  useEffect(() => {
    if (everyMs === undefined || !isOnePage) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible' && current.current !== undefined)
        void load(null, current.current);
    }, everyMs);
    return () => clearInterval(timer);
  }, [load, everyMs, isOnePage]);
  const reload = useCallback(() => setRound((last) => last + 1), []);
  const own = read.path === path ? read : nothing<Item>(path);
  const { next } = own;
  const more = () => {
    if (!own.busy && current.current !== undefined) void load(next, current.current);
  };
  return {
    items: own.items,
    error: own.error,
    busy: own.busy,
    more: next === null ? undefined : more,
    reload,
  };
}

/** Items of one page. */
export const PAGE_ITEMS = 100;

function nothing<Item>(path: string): Read<Item> {
  return { path, items: undefined, next: null, error: undefined, busy: false };
}

/** A path with its cursor and how many items a page has. */
export function withCursor(path: string, cursor: string | null, limit: number = PAGE_ITEMS): string {
  const after = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
  return `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${after}`;
}
