import { useCallback, useRef, useState } from 'react';
import { asApiError } from '../session/api-error.ts';
import type { ApiError } from '../session/api-error.ts';
import { errorText } from '../texts/texts.ts';

/** Something that can fail, tried at a press. */
export interface Attempt {
  /** Why the last one failed, in words. */
  readonly error: string | undefined;
  readonly fault: ApiError | undefined;
  readonly busy: boolean;
  readonly clear: () => void;
  /** Tries; resolves with whether it went well. A second press while one is under way does nothing. */
  readonly attempt: (action: () => Promise<unknown>) => Promise<boolean>;
}

/** Tries things at a press, and says why one failed. */
export function useAttempt(): Attempt {
  const [fault, setFault] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const underWay = useRef(false);
  const clear = useCallback(() => setFault(undefined), []);
  const attempt = useCallback(async (action: () => Promise<unknown>) => {
    if (underWay.current) return false;
    underWay.current = true;
    setBusy(true);
    setFault(undefined);
    try {
      await action();
      return true;
    } catch (thrown) {
      setFault(asApiError(thrown));
      return false;
    } finally {
      underWay.current = false;
      setBusy(false);
    }
  }, []);
  return { error: fault === undefined ? undefined : errorText(fault), fault, busy, clear, attempt };
}
