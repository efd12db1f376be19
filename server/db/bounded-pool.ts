import pg from 'pg';
import { HaloError } from '../platform/errors.ts';
import { Latency } from '../platform/latency.ts';

type Connected = Parameters<pg.Pool['connect']>[0];

/**
 * A pool that tells who waited in vain for a connection that he may come back: `database_busy` (503) where none came
 * free, `database_unavailable` (503) where Postgres did not answer a new one. The library has errors without a code for
 * them.
 */
export class BoundedPool extends pg.Pool {
  /** How long those who got a connection had waited for it. */
  readonly waits = new Latency();

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.PoolClient> | undefined {
    const askedAt = performance.now();
    const got = () => this.waits.observe(performance.now() - askedAt);
    if (callback === undefined) {
      return super.connect().then(
        (client) => {
          got();
          return client;
        },
        (error: unknown) => {
          throw asHaloError(error);
        },
      );
    }
    super.connect((error, client, release) => {
      if (client !== undefined) got();
      callback(asHaloError(error), client, release);
    });
    return undefined;
  }
}

function asHaloError<E>(error: E): E | HaloError {
  const message = error instanceof Error ? error.message : undefined;
  const hint = 'Try again after the time that Retry-After names.';
  switch (message) {
    case 'timeout exceeded when trying to connect':
      return new HaloError('database_busy', 'No connection to Postgres came free in time.', {
        status: 503,
        hint,
        cause: error,
      });
    case 'Connection terminated due to connection timeout':
      return new HaloError('database_unavailable', 'Postgres did not answer in time.', {
        status: 503,
        hint,
        cause: error,
      });
    default:
      return error;
  }
}
