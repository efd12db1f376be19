import type { Logger } from '../platform/logger.ts';
import { within } from '../platform/within.ts';

/** What must be closed at the end, in the reverse order of its opening. */
export interface Closers {
  add(name: string, close: () => Promise<void> | void): void;
  /**
   * Closes everything, last opened first; a failure is logged and does not keep the rest open. Nor does what hangs, where
   * `eachWithinMs` is given: it is left for the next after that time.
   */
  closeAll(eachWithinMs?: number): Promise<void>;
}

/** An empty list of things to close. */
export function createClosers(logger: Logger): Closers {
  const open: { name: string; close: () => Promise<void> | void }[] = [];
  return {
    add: (name, close) => void open.push({ name, close }),
    async closeAll(eachWithinMs) {
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        try {
          const closing = Promise.resolve(next.close());
          if (eachWithinMs === undefined) await closing;
          else if (!(await within(eachWithinMs, closing)))
            logger.error({ component: next.name }, 'could not be closed in time');
        } catch (error) {
          logger.error({ err: error, component: next.name }, 'could not be closed in order');
        }
      }
    },
  };
}
