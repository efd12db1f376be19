import { join } from 'node:path';
import { nodeStore } from '@halo/client/node';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { AUTH, outboxWith, replicaWith, useClients } from './client-fixtures.ts';
import { incident, MINE, sampleReport } from './client-samples.ts';

const clients = useClients();

describe('an account on a device', () => {
  it('two accounts on one store see nothing of each other, and the queue waits for its owner', async () => {
    await clients.server.stop();
    const ann = await clients.device();
    await ann.report(sampleReport('of Ann'));
    await ann.close();
    const bob = await clients.device({ auth: { email: 'bob@halo.example', password: 'right password' } });
    expect(await bob.outbox.list()).toEqual([]);
    expect(await bob.query(MINE)).toEqual([]);
    await bob.close();
    const back = await clients.device();
    expect(await back.outbox.list()).toHaveLength(1);
  });

  it('logging out clears the replica, also offline, and asks before unsent reports are lost', async () => {
    clients.server.commit([incident(1)]);
    const halo = await clients.device();
    await halo.whenLive();
    await clients.server.stop();
    await halo.report(sampleReport('unsent'));
    await expect(halo.logout()).rejects.toMatchObject({ code: 'unsent_mutations' });
    expect(await halo.outbox.list()).toHaveLength(1);
    await halo.logout({ unsent: 'discard' });
    await expect(halo.report(sampleReport('late'))).rejects.toMatchObject({ code: 'closed' });
    const after = await clients.device({ auth: { email: AUTH.email } });
    expect(await after.query('SELECT id FROM incidents')).toEqual([]);
    expect(await after.outbox.list()).toEqual([]);
    await eventually(() => expect(after.status().error?.code).toBe('login_required'));
  });

  it('invariant 1: logging out asks before a rejected report is lost too', async () => {
    clients.server.judge = () => ({ status: 'rejected', code: 'too_old', message: 'Too old.' });
    const halo = await clients.device();
    await halo.report(sampleReport('rejected'));
    await halo.whenSettled();
    await expect(halo.logout()).rejects.toMatchObject({ code: 'unsent_mutations' });
    expect(await halo.outbox.list()).toHaveLength(1);
  });

  it('invariant 1: a report that another tab queues during the log-out waits for the next log-in', async () => {
    const store = nodeStore(join(clients.dir, 'device'));
    let afterCounting: (() => Promise<unknown>) | undefined;
    const halo = await clients.device({
      store: {
        ...store,
        async openOutbox(account) {
          const outbox = await store.openOutbox(account);
          return outboxWith(outbox, {
            async counts() {
              const counts = await outbox.counts();
              await afterCounting?.();
              return counts;
            },
            append: (mutation) => outbox.append(mutation),
          });
        },
      },
    });
    await halo.whenLive();
    clients.server.intercept = ({ path }, _request, response) => {
      if (path === '/v1/mutations') response.writeHead(503).end();
      return path === '/v1/mutations';
    };
    afterCounting = async () => {
      afterCounting = undefined;
      await halo.report(sampleReport('late'));
    };
    await halo.logout();
    const again = await clients.device();
    expect(await again.outbox.list()).toMatchObject([{ args: { description: 'late' } }]);
  });

  it('invariant 8: the session ends although the replica cannot be removed, which goes before it is opened again', async () => {
    clients.server.commit([incident(1)]);
    const store = nodeStore(join(clients.dir, 'device'));
    const destroyReplica = () => Promise.reject(new Error('another program holds the files'));
    const openReplica = async (account: string) => {
      const database = await store.openReplica(account);
      const exec = (sql: string) =>
        sql.includes('DROP SCHEMA')
          ? Promise.reject(new Error('the replica is damaged'))
          : database.exec(sql);
      return replicaWith(database, { exec });
    };
    const halo = await clients.device({ store: { ...store, destroyReplica, openReplica } });
    await halo.whenLive();
    await expect(halo.logout()).rejects.toMatchObject({ code: 'replica_not_removed' });
    expect(clients.server.count('/api/v1/auth/logout')).toBe(1);
    const after = await clients.device({ auth: { email: AUTH.email } });
    expect(await after.query('SELECT id FROM incidents')).toEqual([]);
    await eventually(() => expect(after.status().error?.code).toBe('login_required'));
  });

  it('invariant 8: the session ends at once, while the replica is still being opened', async () => {
    let open: () => void = () => {};
    const opening = new Promise<void>((resolve) => (open = resolve));
    const store = nodeStore(join(clients.dir, 'device'));
    const openReplica = (account: string) => opening.then(() => store.openReplica(account));
    const halo = await clients.device({ store: { ...store, openReplica } });
    try {
      await halo.report(sampleReport('a first request'));
      await halo.whenSettled();
      const loggedOut = halo.logout();
      await eventually(() => expect(clients.server.count('/api/v1/auth/logout')).toBe(1));
      open();
      await loggedOut;
    } finally {
      open();
    }
  });

  it('invariant 8: does not say that it has logged out when the client was closed before that', async () => {
    const halo = await clients.device();
    const loggedOut = halo.logout();
    await Promise.all([halo.close(), expect(loggedOut).rejects.toMatchObject({ code: 'closed' })]);
  });

  it('invariant 8: sends nothing with the token of another account than the one that was opened', async () => {
    let subject = 'user-1';
    const halo = await clients.device({ auth: { getToken: async () => tokenOf(subject) } });
    clients.server.expireTokens();
    subject = 'user-2';
    await halo.report(sampleReport('of user-1'));
    await eventually(() => expect(halo.status().error?.code).toBe('account_changed'));
    expect(clients.server.ledger.size).toBe(0);
    expect(await halo.outbox.list()).toHaveLength(1);
  });

  it('opens and takes reports although the app gives no token, once it has seen the account', async () => {
    const first = await clients.device({ auth: { getToken: async () => tokenOf('user-1') } });
    await first.close();
    const never = () => new Promise<string>(() => {});
    const halo = await clients.device({ auth: { getToken: never } });
    await halo.report(sampleReport('offline'));
    expect(await halo.query(MINE)).toHaveLength(1);
  });

  it('uses tokens from elsewhere, and asks for another when one is refused', async () => {
    const response = await fetch(new URL('/api/v1/auth/login', clients.url), {
      method: 'POST',
      body: JSON.stringify(AUTH),
    });
    const { accessToken } = (await response.json()) as { accessToken: string };
    const tokens = ['stale', accessToken];
    const subject = btoa(JSON.stringify({ sub: 'user-1' }));
    let asked = 0;
    const getToken = async () => (asked++ === 0 ? `x.${subject}.y` : (tokens.shift() ?? accessToken));
    const halo = await clients.device({ auth: { getToken } });
    await halo.report(sampleReport('with a token'));
    await halo.whenSettled();
    expect(clients.server.ledger.size).toBe(1);
  });
});

/** A token as far as a client can tell; the server knows it not. */
const tokenOf = (subject: string) => `x.${btoa(JSON.stringify({ sub: subject }))}.y`;
