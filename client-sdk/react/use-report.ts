import { useCallback } from 'react';
import type { Halo } from '../api.ts';
import type { HaloClientError } from '../errors.ts';
import { useMutation } from './use-mutation.ts';
import type { Mutated } from './use-mutation.ts';

/** What became of a report: durable on the device under this id, or refused, and why. */
export type Reported = Mutated;

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
  const { mutate, saving, error } = useMutation();
  const report = useCallback<Reporting['report']>((input) => mutate((halo) => halo.report(input)), [mutate]);
  const resend = useCallback<Reporting['resend']>(
    (id, changes) => mutate((halo) => halo.outbox.resend(id, changes)),
    [mutate],
  );
  return { report, resend, saving, error };
}
