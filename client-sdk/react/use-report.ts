import { useCallback, useState } from 'react';
import type { Halo } from '../api.ts';
import { HaloClientError, messageOf } from '../errors.ts';
import { useHalo } from './halo-context.ts';

/** What became of a report: durable on the device under this id, or refused, and why. */
export type Reported = { readonly id: string; readonly seq: number } | { readonly error: HaloClientError };

/** What a form needs to report. */
export interface Reporting {
  /**
   * Queues a report; it is durable when this resolves with an id. Never rejects: a report that is refused resolves
   * with its `error`, whose `field` says where it is wrong. Each call is a report of its own: let nobody press twice
   * while `saving`.
   */
  readonly report: (report: Parameters<Halo['report']>[0]) => Promise<Reported>;
  /** The same for a rejected entry of the outbox that is sent again with changes. */
  readonly resend: (id: string, changes: Readonly<Record<string, unknown>>) => Promise<Reported>;
  /** Whether one is being stored. */
  readonly saving: boolean;
  /** Why the last one was refused; undefined from the moment the next begins. */
  readonly error: HaloClientError | undefined;
}

/** Reports from a form, and says how that went. Only below `HaloProvider`. */
export function useReport(): Reporting {
  const halo = useHalo();
  const [underWay, setUnderWay] = useState(0);
  const [error, setError] = useState<HaloClientError>();
  const attempt = useCallback(async (send: () => Promise<{ id: string; seq: number }>): Promise<Reported> => {
    setUnderWay((count) => count + 1);
    setError(undefined);
    try {
      return await send();
    } catch (cause) {
      const refusal = asClientError(cause);
      setError(refusal);
      return { error: refusal };
    } finally {
      setUnderWay((count) => count - 1);
    }
  }, []);
  const report = useCallback<Reporting['report']>(
    (input) => attempt(() => halo.report(input)),
    [attempt, halo],
  );
  const resend = useCallback<Reporting['resend']>(
    (id, changes) => attempt(() => halo.outbox.resend(id, changes)),
    [attempt, halo],
  );
  return { report, resend, saving: underWay > 0, error };
}

function asClientError(cause: unknown): HaloClientError {
  if (cause instanceof HaloClientError) return cause;
  return new HaloClientError('store_failed', messageOf(cause), { cause });
}
