import type { PGlite } from '@electric-sql/pglite';
import type { StatusError } from '../../api.ts';
import { storeFailure } from '../../outbox/store-failure.ts';
import { retryDelayMs } from '../../sync/backoff.ts';
import { keepingChannel } from './replica-message.ts';
import type { KeepingMessage } from './replica-message.ts';

/** PGlite's file system, in which it lets go of what fails when durability is relaxed. */
interface FileSystem {
  syncToFs(relaxedDurability?: boolean): Promise<void>;
}

/**
 * Has the worker's Postgres tell all tabs when what it holds cannot be written to IndexedDB, and again when it can; what was
 * not written is tried again later and later, besides with each commit. A write is one transaction of IndexedDB, so that
 * rows and positions on the disk stay those of one moment.
 */
export function tellOfKeeping(database: PGlite, id: string): void {
  const files = (database as unknown as { readonly fs: FileSystem }).fs;
  const channel = new BroadcastChannel(keepingChannel(id));
  const write = files.syncToFs.bind(files);
  let failures = 0;
  let again: ReturnType<typeof setTimeout> | undefined;
  files.syncToFs = async () => {
    let trouble: StatusError | undefined;
    try {
      await write();
      failures = 0;
    } catch (error) {
      failures += 1;
      trouble = notKept(error);
    }
    clearTimeout(again);
    if (trouble !== undefined)
      again = setTimeout(() => void database.syncToFs(), retryDelayMs(failures, Math.random()));
    channel.postMessage({ trouble } satisfies KeepingMessage);
  };
}

function notKept(error: unknown): StatusError {
  const { code, message } = storeFailure(error);
  return { code: code === 'store_full' ? 'replica_full' : 'replica_not_kept', message };
}
