import { describe, expect, it } from 'vitest';
import type { OutboxStore, StoredMutation } from '../outbox/outbox-store.ts';
import { MutationQueue } from './mutation-queue.ts';
import type { ReplicaHandle } from './replica-handle.ts';

const REPORT = '00000000-0000-7000-8000-000000000001';
const changes = { description: 'a red bicycle' };

/** A queue beside a replica that never opens; waits are over at once. */
function queueWithoutReplica() {
  const appended: StoredMutation[] = [];
  const outbox: Partial<OutboxStore> = {
    append(mutation) {
      const stored = { ...mutation, seq: appended.length + 1 };
      appended.push(stored);
      return Promise.resolve(stored);
    },
    pending: () => Promise.resolve([]),
  };
  const never = new Promise<never>(() => {});
  const replica: Partial<ReplicaHandle> = { opened: never, accepts: () => false, query: () => never };
  const queue = new MutationQueue({
    outbox: outbox as OutboxStore,
    replica: replica as ReplicaHandle,
    now: () => 0,
    sleep: () => Promise.resolve(),
    onChange: () => Promise.resolve(),
    onQueued: () => {},
    onRows: () => {},
    onReplicaError: () => {},
  });
  return { queue, appended };
}

describe('the queue beside a replica that never opens', () => {
  it('says that it cannot look up what was seen, and holds up nothing that comes after', async () => {
    const { queue, appended } = queueWithoutReplica();
    const unsaid = queue.queue('report.amend', { reportId: REPORT, changes });
    const decided = queue.queue('incident.transition', { incidentId: REPORT, to: 'closed' });
    const said = queue.queue('report.amend', { reportId: REPORT, changes, version: 2 });
    await expect(unsaid).rejects.toMatchObject({ code: 'replica_unavailable' });
    await expect(decided).rejects.toMatchObject({ code: 'replica_unavailable' });
    expect(await said).toMatchObject({ seq: 1 });
    expect(appended).toMatchObject([{ args: { version: 2 } }]);
  });
});
