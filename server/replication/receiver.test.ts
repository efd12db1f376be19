import { describe, expect, it, vi } from 'vitest';
import { MemoryChangeLog } from '../../tests/support/memory-change-log.ts';
import type { PgoutputMessage } from './pgoutput.ts';
import { Receiver } from './receiver.ts';

const relation: PgoutputMessage = {
  kind: 'relation',
  relation: { oid: 7, schema: 'public', table: 'things', columns: [] },
};
const insert: PgoutputMessage = { kind: 'insert', oid: 7, new: [] };
const begin = (lsn: bigint): PgoutputMessage => ({ kind: 'begin', commitLsn: lsn, xid: Number(lsn) });
const commit = (lsn: bigint): PgoutputMessage => ({ kind: 'commit', commitLsn: lsn, endLsn: lsn + 5n });

function receiverOn(log: MemoryChangeLog) {
  const confirmer = { committed: vi.fn(), idle: vi.fn() };
  const onFailure = vi.fn();
  const receiver = new Receiver(
    log,
    confirmer,
    (xid) => xid,
    (each) => Promise.resolve(each),
    onFailure,
  );
  const receive = async (...messages: readonly PgoutputMessage[]) => {
    for (const message of messages) await receiver.receive({ message });
  };
  return { receiver, confirmer, receive, onFailure };
}
async function lsnsIn(log: MemoryChangeLog): Promise<bigint[]> {
  const lsns: bigint[] = [];
  for await (const { lsn } of log.read({ kind: 'log', lsn: log.start(), op: 'end' })) lsns.push(lsn);
  return lsns;
}

describe('receiver', () => {
  it('invariant 3: skips what the log has already, and goes on behind it', async () => {
    const log = new MemoryChangeLog('epoch', 0n);
    const first = receiverOn(log);
    await first.receive(relation, begin(10n), insert, commit(10n), begin(20n), insert, commit(20n));
    const second = receiverOn(log);
    await second.receive(relation, begin(20n), insert, commit(20n), begin(30n), insert, commit(30n));
    expect(await lsnsIn(log)).toEqual([10n, 20n, 30n]);
    expect(log.position()).toBe(34n);
  });

  it('takes a commit that begins exactly where the one before ended', async () => {
    const log = new MemoryChangeLog('epoch', 0n);
    const { receive } = receiverOn(log);
    await receive(relation, begin(10n), insert, commit(10n), begin(15n), insert, commit(15n));
    expect(await lsnsIn(log)).toEqual([10n, 15n]);
  });

  it('lets a transaction without changes move the position', async () => {
    const log = new MemoryChangeLog('epoch', 0n);
    const { receive, confirmer } = receiverOn(log);
    await receive(begin(10n), { kind: 'other' }, commit(10n));
    expect(log.position()).toBe(14n);
    expect(await lsnsIn(log)).toEqual([]);
    expect(confirmer.committed).toHaveBeenCalledOnce();
  });

  it('counts a keepalive only behind the messages that came before it', async () => {
    const log = new MemoryChangeLog('epoch', 0n);
    const { receiver, receive, confirmer } = receiverOn(log);
    await receive(relation, begin(10n));
    await receiver.keepalive('0/64', 4, true);
    expect(log.position()).toBe(0n);
    expect(confirmer.idle).toHaveBeenCalledWith(true);
    await receive(insert);
    expect(log.position()).toBe(0n);
    await receive(commit(10n));
    expect(log.position()).toBe(99n);
    expect(await lsnsIn(log)).toEqual([10n]);
  });

  it('invariant 3: handles nothing behind a commit that could not be written', async () => {
    const log = new MemoryChangeLog('epoch', 0n);
    vi.spyOn(log, 'commit').mockRejectedValueOnce(new Error('disk full'));
    const { receive, onFailure } = receiverOn(log);
    await receive(relation, begin(10n), insert, commit(10n));
    await Promise.resolve();
    await receive(begin(20n), insert, commit(20n));
    expect(onFailure).toHaveBeenCalledOnce();
    expect(await lsnsIn(log)).toEqual([]);
  });

  it('invariant 3: handles nothing behind a failure', async () => {
    const log = new MemoryChangeLog('epoch', 0n);
    const { receiver, receive } = receiverOn(log);
    await receive(relation, begin(10n));
    await expect(receiver.receive({ error: new Error('unreadable') })).rejects.toThrow('unreadable');
    await receive(commit(10n), begin(20n), insert, commit(20n));
    await receiver.keepalive('0/64', 0, false);
    expect(log.position()).toBe(0n);
  });
});
