import { PGliteWorker } from '@electric-sql/pglite/worker';
import { HaloClientError } from '../../errors.ts';
import type { ReplicaDatabase } from '../../replica/replica-database.ts';
import { guardAgainstLeaderChange } from './leader-guard.ts';
import { REPLICA_CRASHED, REPLICA_FAILED, keepingChannel } from './replica-message.ts';
import type { KeepingMessage } from './replica-message.ts';

/** A replica that has not opened by then is taken for one that never will: blocked WASM, a full disk. */
const OPEN_LIMIT_MS = 90_000;

/** Opens the replica that all tabs share; rejects with the worker's own reason where it gives one. */
export async function openWorkerReplica(name: string): Promise<ReplicaDatabase> {
  const worker = new Worker(new URL('./replica-worker.ts', import.meta.url), { type: 'module' });
  const opened = PGliteWorker.create(worker, { id: name });
  const settled = new AbortController();
  try {
    const database = await Promise.race([opened.then(connected), failureOf(worker, settled.signal)]);
    const guard = guardAgainstLeaderChange(database);
    const onCrash = ({ data }: MessageEvent<{ type?: string; message?: string }>) => {
      if (data.type !== REPLICA_CRASHED) return;
      guard.end(new HaloClientError('replica_crashed', data.message ?? 'The replica has crashed.'));
    };
    worker.addEventListener('message', onCrash);
    const keeping = new BroadcastChannel(keepingChannel(name));
    return {
      query: (sql, params) => guard.again(() => database.query(sql, params)),
      exec: (sql) => guard.again(() => database.exec(sql)),
      transaction: (work) => guard.once(() => database.transaction(work)),
      onReplaced: (listener) => guard.onChange(listener),
      onTrouble(listener) {
        const hear = ({ data }: MessageEvent<KeepingMessage>) => listener(data.trouble);
        keeping.addEventListener('message', hear);
        return () => keeping.removeEventListener('message', hear);
      },
      async close(disposed) {
        keeping.close();
        // Only begins to write: relaxed durability does not wait. What this tab's end cuts off is gone from the disk,
        // with the position that went with it, which is why whoever goes on reads that position anew.
        if (disposed !== true) await guard.once(() => database.syncToFs()).catch(() => {});
        // What is under way would wait for ever for the answer of a worker that has ended.
        guard.end(new HaloClientError('replica_unavailable', 'The replica has been closed.'));
        await database.close();
      },
    };
  } catch (error) {
    worker.terminate();
    // Else it would call for a leader sixty times a second, for ever.
    void opened.then((database) => database.close());
    throw error;
  } finally {
    settled.abort();
  }
}

async function connected(database: PGliteWorker): Promise<PGliteWorker> {
  await database.waitReady;
  return database;
}

function failureOf(worker: Worker, settled: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const refuse = (message: string) => reject(new Error(message));
    const late = setTimeout(() => refuse(`not open within ${OPEN_LIMIT_MS / 1000} s`), OPEN_LIMIT_MS);
    settled.addEventListener('abort', () => clearTimeout(late), { once: true });
    const listening = { signal: settled };
    worker.addEventListener(
      'error',
      ({ message }) => refuse(message || 'the worker did not load'),
      listening,
    );
    const hear = ({ data }: MessageEvent<{ type?: string; message?: string }>) => {
      if (data.type === REPLICA_FAILED) refuse(data.message ?? 'Postgres could not be opened');
    };
    worker.addEventListener('message', hear, listening);
  });
}
