import { storeFailure } from '../../outbox/store-failure.ts';

/**
 * Runs the steps of a transaction and resolves once it is durable. When one fails, or the disk is full as it is
 * completed, nothing of it stays, and this rejects with the cause rather than with what followed from it.
 */
export async function wholly<T>(
  tx: { abort(): void; readonly done: Promise<void>; readonly error: DOMException | null },
  steps: () => Promise<T>,
): Promise<T> {
  const done = tx.done.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  let failed: { readonly error: unknown } | undefined;
  let result: T | undefined;
  try {
    result = await steps();
  } catch (error) {
    failed = { error };
    abort(tx);
  }
  const ended = await done;
  const failure = failed ?? ended;
  if (failure !== undefined) throw storeFailure(tx.error ?? failure.error);
  return result as T;
}

function abort(tx: { abort(): void }): void {
  try {
    tx.abort();
  } catch {
    // It has ended by itself: that is what made the step fail.
  }
}
