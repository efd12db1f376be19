import pg from 'pg';
import { HaloError } from '../platform/errors.ts';
import { socketOf } from './socket-of.ts';

type AnyArguments = readonly unknown[];
type Callback = (...result: AnyArguments) => void;

/**
 * A client that gives its connection up when a query is not answered in time. Postgres's own limit cancels what takes
 * long there; where the network has swallowed the connection nobody cancels anything, and TCP goes on sending for a
 * quarter of an hour. All that waits on the connection then fails with `database_silent` (503). Streams (COPY) have
 * no such limit: while one is read nothing of ours is under way, and TCP's probes find out that the peer is gone.
 */
export function watchedClient(silentAfterMs: number): typeof pg.Client {
  return class WatchedClient extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      // The pool listens while a client is idle. One in use that breaks fails the query under way, or the next; an error
      // event that nobody hears would end the process.
      this.on('error', () => {});
    }

    // One signature in place of pg's many, which all end here.
    override query(...given: AnyArguments): never {
      const timer = setTimeout(() => {
        socketOf(this).destroy(silent(silentAfterMs));
      }, silentAfterMs);
      const settled = () => clearTimeout(timer);
      const answered = given.findLastIndex((each) => typeof each === 'function');
      const args = given.map((each, index) =>
        index === answered ? before(settled, each as Callback) : each,
      );
      const result: unknown = (super.query as (...args: AnyArguments) => unknown)(...args);
      if (result instanceof Promise) return result.finally(settled) as never;
      if (answered < 0) settled();
      return result as never;
    }
  };
}

function before(first: () => void, then: Callback): Callback {
  return (...result) => {
    first();
    then(...result);
  };
}

function silent(afterMs: number): HaloError {
  return new HaloError('database_silent', `Postgres has not answered for ${Math.round(afterMs / 1000)} s.`, {
    status: 503,
    hint: 'Try again soon.',
  });
}
