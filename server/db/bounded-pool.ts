import pg from 'pg';
import { HaloError } from '../platform/errors.ts';

type Connected = Parameters<pg.Pool['connect']>[0];

/**
 * A pool that tells who waited in vain for a connection that he may come back: `database_busy` (503). The library has
 * an error without a code for it.
 */
export class BoundedPool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.PoolClient> | undefined {
    if (callback === undefined) {
      return super.connect().catch((error: unknown) => {
        throw asBusy(error);
      });
    }
    super.connect((error, client, release) => callback(asBusy(error), client, release));
    return undefined;
  }
}

function asBusy<E>(error: E): E | HaloError {
  if (!(error instanceof Error && error.message === 'timeout exceeded when trying to connect')) return error;
  return new HaloError('database_busy', 'No connection to Postgres came free in time.', {
    status: 503,
    hint: 'Try again after the time that Retry-After names.',
    cause: error,
  });
}
