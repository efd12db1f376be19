import { AsyncLocalStorage } from 'node:async_hooks';

/** What all lines that belong to one request, or one run of a job, carry. */
export type LogContext = Readonly<Record<string, string>>;

const storage = new AsyncLocalStorage<LogContext>();
const NOTHING: LogContext = {};

/** Calls `work`, and has every line carry these fields that anything logs which follows from it. */
export function withLogContext<T>(context: LogContext, work: () => T): T {
  return storage.run(context, work);
}

/** Calls `work` as if nobody had asked for it: what it starts lasts longer than who needed it first. */
export function withoutLogContext<T>(work: () => T): T {
  return storage.exit(work);
}

/** The fields of what is being done now. */
export function logContext(): LogContext {
  return storage.getStore() ?? NOTHING;
}
