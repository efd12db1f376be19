import { describe, expect, it } from 'vitest';
import type { OutboxStore, StoredMutation } from '../outbox/outbox-store.ts';
import { MutationQueue } from './mutation-queue.ts';
import type { ReplicaHandle } from './replica-handle.ts';

const REPORT = '00000000-0000-7000-8000-000000000001';
const changes = { description: 'a red bicycle' };

/** A queue over an outbox that only takes mutations. */
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
  return { queue: queueOver(outbox as OutboxStore), appended };
}

/** A queue beside a replica that never opens; waits are over at once. */
function queueOver(outbox: OutboxStore): MutationQueue {
  const never = new Promise<never>(() => {});
  const replica: Partial<ReplicaHandle> = { opened: never, accepts: () => false, query: () => never };
  return new MutationQueue({
    outbox,
    replica: replica as ReplicaHandle,
    now: () => 0,
    sleep: () => Promise.resolve(),
    onChange: () => Promise.resolve(),
    onQueued: () => {},
    onRows: () => {},
    onReplicaError: () => {},
  });
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

describe('a rejected mutation and those that were because it was', () => {
  const args = { incidentId: REPORT, body: 'x' };

  /** An outbox of these three; `meanwhile` runs before the first attempt to replace them. */
  function rejected(meanwhile: (entries: StoredMutation[]) => void = () => {}) {
    const entryOf = (id: string, seq: number, type: string, of: object, code: string) => {
      const rejection = { code, message: 'no' };
      return { id, seq, type, createdAt: '2026-01-01T00:00:00.000Z', args: of, rejection };
    };
    const entries: StoredMutation[] = [
      entryOf('a', 1, 'comment.create', args, 'not_found'),
      ...[2, 3].map((seq) =>
        entryOf('abc'[seq - 1]!, seq, 'report.withdraw', { reportId: 'a' }, 'depends_on_rejected'),
      ),
    ];
    const asked: string[][] = [];
    const outbox: Partial<OutboxStore> = {
      list: () => Promise.resolve([...entries]),
      find: (wanted) => Promise.resolve(entries.find(({ id }) => id === wanted)),
      async replaceRejected(replacements) {
        if (asked.length === 0) meanwhile(entries);
        asked.push(replacements.map(({ id }) => id));
        if (!replacements.every(({ id }) => entries.some((entry) => entry.id === id))) return undefined;
        const stored = replacements.map(({ by }, n) => ({ ...by, seq: 4 + n }));
        entries.splice(0, entries.length, ...stored);
        return stored;
      },
    };
    return { queue: queueOver(outbox as OutboxStore), asked };
  }

  it('are sent again in one step, without what another tab has dropped meanwhile', async () => {
    const { queue, asked } = rejected((entries) => void entries.splice(1, 1));
    const { id, seq } = await queue.resend('a', { body: 'mended' });
    expect(asked).toEqual([
      ['a', 'b', 'c'],
      ['a', 'c'],
    ]);
    expect([seq, await queue.list()]).toMatchObject([
      4,
      [
        { id, seq: 4, state: 'pending', args: { ...args, body: 'mended' } },
        { seq: 5, state: 'pending', args: { reportId: id } },
      ],
    ]);
  });

  it('are not there any more where another tab has sent them again meanwhile', async () => {
    const { queue, asked } = rejected((entries) => void entries.splice(0));
    await expect(queue.resend('a', {})).rejects.toMatchObject({ code: 'not_rejected' });
    expect(asked).toHaveLength(1);
  });

  it('stay as they are when the first one may not be sent so', async () => {
    const { queue, asked } = rejected();
    await expect(queue.resend('a', { body: '' })).rejects.toMatchObject({ code: 'invalid_mutation' });
    expect(asked).toEqual([]);
  });
});
