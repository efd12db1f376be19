import { useCallback, useState } from 'react';

/** Why something that was tried failed. */
export interface Fault {
  readonly code: string;
  readonly message: string | undefined;
}

/** Tries what a press asks for, once at a time; `error` says why the last try failed, until the next begins. */
export function useAttempt(): {
  readonly attempt: (work: () => Promise<unknown>) => Promise<boolean>;
  readonly busy: boolean;
  readonly error: Fault | undefined;
} {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Fault>();
  const attempt = useCallback(async (work: () => Promise<unknown>) => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
      return true;
    } catch (fault) {
      const { code, message } = fault as { code?: string; message?: string };
      setError({ code: code ?? 'unknown', message });
      return false;
    } finally {
      setBusy(false);
    }
  }, []);
  return { attempt, busy, error };
}
