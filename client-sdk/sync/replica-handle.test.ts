import { describe, expect, it } from 'vitest';
import type { HaloStatus } from '../api.ts';
import { HaloClientError } from '../errors.ts';
import type { OutboxStore } from '../outbox/outbox-store.ts';
import type { DeviceStore } from '../platform/device-store.ts';
import type { ReplicaDatabase } from '../replica/replica-database.ts';
import { ReplicaHandle } from './replica-handle.ts';

describe('the handle of a replica', () => {
  it('says what keeps it from being kept, and when its Postgres crashed too often', async () => {
    const shown: (HaloStatus['replica'] | string | undefined)[] = [];
    let tell: (trouble: { code: string; message: string } | undefined) => void = () => {};
    let crashes = false;
    const database: ReplicaDatabase = {
      async query() {
        if (crashes) throw new HaloClientError('replica_crashed', 'Aborted()');
        return { rows: [] };
      },
      exec: async () => {},
      transaction: async () => undefined,
      close: async () => {},
      onTrouble(listener) {
        tell = listener;
        return () => {};
      },
    };
    const handle = new ReplicaHandle({
      store: {
        settings: { get: async () => undefined },
        openReplica: async () => ({ ...database }),
        destroyReplica: async () => {},
      } as unknown as DeviceStore,
      account: 'a',
      outbox: { pending: async () => [] } as Partial<OutboxStore> as OutboxStore,
      environment: { now: () => 0 },
      board: {
        replica: (replica) => shown.push(replica),
        replicaTrouble: (trouble) => shown.push(trouble?.code),
      },
    });
    await handle.opened;
    tell({ code: 'replica_full', message: 'no room' });
    tell(undefined);
    expect(shown).toEqual([undefined, { state: 'ready' }, 'replica_full', undefined]);
    crashes = true;
    const ask = () => handle.query('SELECT 1', []).catch((error: HaloClientError) => error.code);
    const codes = [await ask(), await ask(), await ask(), await ask()];
    expect(codes).toEqual(['replica_crashed', 'replica_crashed', 'replica_crashed', 'replica_unavailable']);
    expect(shown.at(-1)).toMatchObject({ state: 'unavailable', error: { code: 'replica_crashed' } });
    expect(handle.accepts()).toBe(false);
    await handle.close();
  });

  it('closes a replica into which the outbox could not be brought', async () => {
    let closed = 0;
    const database: ReplicaDatabase = {
      query: async () => ({ rows: [] }),
      exec: async () => {},
      transaction: async () => undefined,
      close: async () => void (closed += 1),
    };
    const handle = new ReplicaHandle({
      store: {
        settings: { get: async () => undefined },
        openReplica: async () => database,
      } as unknown as DeviceStore,
      account: 'a',
      outbox: {
        pending: () => Promise.reject(new Error('the disk does not answer')),
      } as unknown as OutboxStore,
      environment: { now: () => 0 },
      board: { replica: () => {}, replicaTrouble: () => {} },
    });
    expect([await handle.opened, handle.accepts(), closed]).toEqual([undefined, false, 1]);
    await handle.close();
  });

  it('deletes what is stored only when it could not be opened twice, and goes on where another tab keeps it', async () => {
    const steps: string[] = [];
    let opens = 0;
    const database: ReplicaDatabase = {
      query: async () => ({ rows: [] }),
      exec: async () => {},
      transaction: async () => undefined,
      close: async () => {},
    };
    const open = async (opensAt: number) => {
      opens = 0;
      steps.length = 0;
      const handle = new ReplicaHandle({
        store: {
          settings: { get: async () => undefined },
          async openReplica() {
            steps.push('open');
            if ((opens += 1) < opensAt) throw new Error('Failed to fetch');
            return database;
          },
          async destroyReplica() {
            steps.push('delete');
            throw new Error('another tab holds the replica');
          },
        } as unknown as DeviceStore,
        account: 'a',
        outbox: { pending: async () => [] } as Partial<OutboxStore> as OutboxStore,
        environment: { now: () => 0 },
        board: { replica: () => {}, replicaTrouble: () => {} },
      });
      return (await handle.opened) !== undefined;
    };
    expect([await open(2), ...steps]).toEqual([true, 'open', 'open']);
    expect([await open(3), ...steps]).toEqual([true, 'open', 'open', 'delete', 'open']);
    expect([await open(4), ...steps]).toEqual([false, 'open', 'open', 'delete', 'open']);
  });

  it.each(['while it opens', 'when it is open'])(
    'closes it for good when its room is wanted %s',
    async (when) => {
      const shown: HaloStatus['replica'][] = [];
      let opened: () => void = () => {};
      const opening = new Promise<void>((resolve) => (opened = resolve));
      const closed: unknown[] = [];
      const database: ReplicaDatabase = {
        query: async () => ({ rows: [] }),
        exec: async () => {},
        transaction: async () => undefined,
        close: async (disposed) => void closed.push(disposed),
      };
      const handle = new ReplicaHandle({
        store: {
          settings: { get: async () => undefined },
          openReplica: () => opening.then(() => database),
        } as unknown as DeviceStore,
        account: 'a',
        outbox: { pending: async () => [] } as Partial<OutboxStore> as OutboxStore,
        environment: { now: () => 0 },
        board: { replica: (replica) => shown.push(replica), replicaTrouble: () => {} },
      });
      if (when === 'when it is open') opened();
      if (when === 'when it is open') await handle.opened;
      const asked = handle.query('SELECT 1', []);
      const gone = [handle.giveUp(), handle.giveUp()];
      opened();
      await Promise.all(gone);
      await asked;
      await expect(handle.query('SELECT 1', [])).rejects.toMatchObject({ code: 'replica_unavailable' });
      expect([await handle.opened, handle.accepts(), closed]).toEqual([undefined, false, [true]]);
      expect(shown.at(-1)).toMatchObject({ state: 'unavailable', error: { code: 'replica_gave_room' } });
      await handle.close();
      expect(closed).toHaveLength(1);
    },
  );
});
