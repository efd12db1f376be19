import { useCallback, useState } from 'react';
import { errorText } from '../texts/texts.ts';

/** Something that can fail, tried at a press. */
export interface Attempt {
  /** Why the last one failed, in words. */
  readonly error: string | undefined;
  readonly busy: boolean;
  /** Tries; resolves with whether it went well. A second press while one is under way does nothing. */
  readonly attempt: (action: () => Promise<unknown>) => Promise<boolean>;
}

/** Tries things at a press, and says why one failed. */
export function useAttempt(): Attempt {
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const attempt = useCallback(
    async (action: () => Promise<unknown>) => {
      if (busy) return false;
      setBusy(true);
      setError(undefined);
      try {
        await action();
        return true;
      } catch (fault) {
        const { code, message } = fault as { code?: string; message?: string };
        setError(errorText(code ?? 'unknown', message));
        return false;
      } finally {
        setBusy(false);
      }
    },
    [busy],
  );
  return { error, busy, attempt };
}
