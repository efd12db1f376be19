import { useCallback, useState } from 'react';
import type { Halo } from '../api.ts';
import { HaloClientError, messageOf } from '../errors.ts';
import type { Queued } from '../mutations-api.ts';
import { useHalo } from './halo-context.ts';

/** What became of a mutation: durable on the device under this id, or refused, and why. */
export type Mutated = Queued | { readonly error: HaloClientError };

/** What a form needs to write. */
export interface Mutating {
  /**
   * Runs one of the device's methods that write, e.g. `(halo) => halo.withdrawReport(id)`; durable when this resolves
   * with an id. Never rejects: what is refused resolves with its `error`, whose `field` says where it is wrong. Each
   * call is a mutation of its own: let nobody press twice while `saving`.
   */
  readonly mutate: (write: (halo: Halo) => Promise<Queued>) => Promise<Mutated>;
  /** Whether one is being stored. */
  readonly saving: boolean;
  /** Why the last one was refused; undefined from the moment the next begins. */
  readonly error: HaloClientError | undefined;
}

/** Writes from a form, and says how that went. Only below `HaloProvider`. */
export function useMutation(): Mutating {
  const halo = useHalo();
  const [underWay, setUnderWay] = useState(0);
  const [error, setError] = useState<HaloClientError>();
  const mutate = useCallback<Mutating['mutate']>(
    async (write) => {
      setUnderWay((count) => count + 1);
      setError(undefined);
      try {
        return await write(halo);
      } catch (cause) {
        const refusal = asClientError(cause);
        setError(refusal);
        return { error: refusal };
      } finally {
        setUnderWay((count) => count - 1);
      }
    },
    [halo],
  );
  return { mutate, saving: underWay > 0, error };
}

function asClientError(cause: unknown): HaloClientError {
  if (cause instanceof HaloClientError) return cause;
  return new HaloClientError('store_failed', messageOf(cause), { cause });
}
