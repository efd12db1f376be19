import { useCallback, useEffect, useState } from 'react';
import { alertListSchema } from '@halo/shapes/protocol/alerts.ts';
import type { AlertAnswer } from '@halo/shapes/protocol/alerts.ts';
import { asApiError } from '../session/api-error.ts';
import type { ApiError } from '../session/api-error.ts';
import { useParts } from '../session/session-context.tsx';
import { askJson } from '../session/use-api.ts';
import type { Loaded } from '../session/use-api.ts';
import { withCursor } from '../session/use-pages.ts';
import { ALERTS_OF_A_PAGE, findAlert, mayChange } from './find-alert.ts';

const EVERY_MS = 5_000;

interface Kept {
  readonly data: AlertAnswer | null | undefined;
  readonly error: ApiError | undefined;
  readonly atMs: number | undefined;
}

/** One alert, looked for again every few seconds while the page is in sight, until it has ended. Null where there is none by that id. */
export function useAlert(id: string): Loaded<AlertAnswer | null> {
  const { session } = useParts();
  const [kept, setKept] = useState<Kept>({ data: undefined, error: undefined, atMs: undefined });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const ended = new AbortController();
    const { signal } = ended;
    const read = (cursor: string | null) =>
      askJson(session, withCursor('/api/v1/admin/alerts', cursor, ALERTS_OF_A_PAGE), alertListSchema, {
        signal,
      });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      if (document.visibilityState === 'visible') {
        try {
          const data = await findAlert(id, read);
          if (!signal.aborted) setKept({ data, error: undefined, atMs: Date.now() });
          if (!mayChange(data)) return;
        } catch (thrown) {
          if (!signal.aborted) setKept((last) => ({ ...last, error: asApiError(thrown) }));
        }
      }
      if (!signal.aborted) timer = setTimeout(() => void look(), EVERY_MS);
    };
    void look();
    return () => {
      ended.abort();
      clearTimeout(timer);
    };
  }, [session, id, round]);
  const reload = useCallback(() => setRound((last) => last + 1), []);
  return { ...kept, reload };
}
