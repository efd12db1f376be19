import type { Halo } from '@halo/client';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { registerAccount } from '../support/server.ts';
import type { TestAccount } from '../support/server.ts';
import { shows, useRealServer } from './client-real-server.ts';

const real = useRealServer();
const device = (name: string, as = real.account) => real.device(name, { as });
/** One that never loses the network. */
const online = (name: string, as = real.account) => real.device(name, { as, url: real.url });
const { report, offline, count } = real;

const REPORTS = 'SELECT id, severity, description, status, version, sync_state FROM my_reports ORDER BY id';
const COMMENTS = 'SELECT id, incident_id, region, body, sync_state FROM comments ORDER BY id';
const WATCHES = 'SELECT id, name, radius_m, sync_state FROM my_watches ORDER BY id';
const INCIDENTS = 'SELECT id, status, verification, sync_state FROM incidents ORDER BY id';
const ENTRIES = 'SELECT id, status, code FROM my_mutations ORDER BY seq';
/** An account of an officer, whom the operators have made one. */
async function officer(): Promise<TestAccount> {
  const made = await registerAccount(real.url, 'officer');
  await real.database.pool.query(`UPDATE users SET role = 'officer' WHERE id = $1`, [made.id]);
  return made;
}

describe('what one device writes, on itself at once and on another when it is delivered', () => {
  it('a report is amended and withdrawn', async () => {
    const [phone, tablet] = [await device('phone'), await online('tablet')];
    await Promise.all([phone.whenLive(), tablet.whenLive()]);
    const { id } = await phone.report(report('a bicycle'));
    await phone.whenSettled();
    const row = { id, severity: 3, description: 'a bicycle', status: 'active', version: 1 };
    for (const halo of [phone, tablet]) await shows(halo, REPORTS, [{ ...row, sync_state: 'synced' }]);
    const senders = await tablet.query('SELECT device_id FROM my_mutations WHERE id = $1', [id]);
    expect(senders).toEqual([{ device_id: await phone.outbox.deviceId() }]);
    expect(senders).not.toEqual([{ device_id: await tablet.outbox.deviceId() }]);

    await offline(phone);
    await phone.amendReport(id, { severity: 5 });
    expect(await phone.query(REPORTS)).toEqual([{ ...row, severity: 5, sync_state: 'queued' }]);
    real.proxy.up();
    const amended = { ...row, severity: 5, version: 2 };
    for (const halo of [phone, tablet]) await shows(halo, REPORTS, [{ ...amended, sync_state: 'synced' }]);

    await offline(phone);
    await phone.withdrawReport(id);
    expect(await phone.query(REPORTS)).toEqual([{ ...amended, status: 'withdrawn', sync_state: 'queued' }]);
    real.proxy.up();
    const gone = { ...amended, status: 'withdrawn', sync_state: 'synced' };
    for (const halo of [phone, tablet]) await shows(halo, REPORTS, [gone]);
    await shows(phone, 'SELECT id FROM local.pending UNION ALL SELECT id FROM local.patches_my_reports', []);
  });

  it('a comment is made and deleted, on an incident and on that of a report in the queue', async () => {
    const reader = await registerAccount(real.url, 'reader');
    const [phone, other] = [await device('phone'), await online('other', reader)];
    await Promise.all([phone.whenLive(), other.whenLive()]);
    await offline(phone);
    const made = await phone.report(report('a bicycle'));
    const first = await phone.addComment({ reportId: made.id, body: 'It was green.' });
    expect(await phone.query(COMMENTS)).toEqual([
      { id: first.id, incident_id: null, region: null, body: 'It was green.', sync_state: 'queued' },
    ]);
    real.proxy.up();
    await phone.whenSettled();
    const incidentId = await incidentOf(made.id);
    const comment = {
      id: first.id,
      incident_id: incidentId,
      region: '01',
      body: 'It was green.',
      sync_state: 'synced',
    };
    for (const halo of [phone, other]) await shows(halo, COMMENTS, [comment]);

    await offline(phone);
    const second = await phone.addComment({ incidentId, body: 'Or blue.' });
    await phone.deleteComment(first.id);
    const pending = { ...comment, id: second.id, body: 'Or blue.', sync_state: 'queued' };
    expect(await phone.query(COMMENTS)).toEqual([pending]);
    real.proxy.up();
    for (const halo of [phone, other]) await shows(halo, COMMENTS, [{ ...pending, sync_state: 'synced' }]);
    await phone.deleteComment(second.id);
    for (const halo of [phone, other]) await shows(halo, COMMENTS, []);
  });

  it('a place is watched, set anew while its making is in the queue, and watched no more', async () => {
    const [phone, tablet] = [await device('phone'), await online('tablet')];
    await Promise.all([phone.whenLive(), tablet.whenLive()]);
    await offline(phone);
    const home = { name: 'Home', lat: 59.33, lon: 18.06, radiusM: 500, threshold: 0.5 };
    const { id } = await phone.setWatch(home);
    await phone.setWatch({ ...home, watchId: id, radiusM: 900 });
    const row = { id, name: 'Home', radius_m: 900, sync_state: 'queued' };
    expect(await phone.query(WATCHES)).toEqual([row]);
    real.proxy.up();
    for (const halo of [phone, tablet]) await shows(halo, WATCHES, [{ ...row, sync_state: 'synced' }]);
    await tablet.removeWatch(id);
    expect(await tablet.query(WATCHES)).toEqual([]);
    for (const halo of [phone, tablet]) await shows(halo, WATCHES, []);
    await tablet.whenSettled();
    expect(await tablet.outbox.list()).toEqual([]);
  });

  it('an officer decides about an incident, and at first only his own device shows it', async () => {
    const other = await online('other');
    const { id: reportId } = await other.report(report('a bicycle'));
    await other.whenSettled();
    const id = await incidentOf(reportId);
    const phone = await device('phone', await officer());
    await Promise.all([phone.whenLive(), other.whenLive()]);
    const of = `${INCIDENTS.split(' ORDER')[0]} WHERE id = '${id}'`;
    const row = { id, status: 'open', verification: 'unverified', sync_state: 'synced' };
    for (const halo of [phone, other]) await shows(halo, of, [row]);
    await offline(phone);
    await phone.transitionIncident(id, 'verified', { note: 'seen it' });
    await phone.transitionIncident(id, 'closed');
    const decided = { id, status: 'closed', verification: 'verified' };
    expect(await phone.query(of)).toEqual([{ ...decided, sync_state: 'queued' }]);
    expect(await other.query(of)).toEqual([row]);
    // What it saw is what it showed.
    expect((await phone.outbox.list()).map(({ args }) => (args as { from: string }).from)).toEqual([
      'unverified',
      'open',
    ]);
    await expect(phone.transitionIncident(id, 'closed')).rejects.toMatchObject({
      code: 'invalid_mutation',
      field: 'to',
    });
    real.proxy.up();
    for (const halo of [phone, other]) await shows(halo, of, [{ ...decided, sync_state: 'synced' }]);
    expect(await count(`incident_transitions WHERE incident_id = '${id}'`)).toBe(2);
    // A reporter is no officer: what he decides shows for a moment, and is gone when it is rejected.
    await other.transitionIncident(id, 'open');
    await other.whenSettled();
    expect(await other.query(of)).toEqual([{ ...decided, sync_state: 'synced' }]);
    expect(await other.outbox.list()).toMatchObject([
      { state: 'rejected', rejection: { code: 'forbidden' } },
    ]);
  });
});

describe('mutations that build upon each other', () => {
  it('a report made, amended twice and withdrawn offline is delivered in order, over a restart', async () => {
    const tablet = await online('tablet');
    await tablet.whenLive();
    real.proxy.down();
    let phone = await device('phone');
    await eventually(() => expect(phone.status().replica.state).toBe('ready'));
    const { id } = await phone.report(report('one'));
    // Asked for together, the second still comes after the first.
    const [first, second] = await Promise.all([
      phone.amendReport(id, { description: 'two' }),
      phone.amendReport(id, { severity: 5, description: 'three' }),
    ]);
    const withdrawal = await phone.withdrawReport(id);
    const queued = {
      id,
      severity: 5,
      description: 'three',
      status: 'withdrawn',
      version: null,
      sync_state: 'queued',
    };
    expect(await phone.query(REPORTS)).toEqual([queued]);
    const after = (await phone.outbox.list()).map(({ args }) => (args as { after?: string }).after);
    expect(after).toEqual([undefined, id, first.id, undefined]);
    await phone.close();
    phone = await device('phone');
    expect(await phone.query(REPORTS)).toEqual([queued]);
    real.proxy.up();
    await phone.whenSettled();
    const settled = { ...queued, version: 3, sync_state: 'synced' };
    for (const halo of [phone, tablet]) await shows(halo, REPORTS, [settled]);
    expect(await tablet.query(`${ENTRIES.replace('id, status, code', 'id, seq::int, status')}`)).toEqual(
      [id, first.id, second.id, withdrawal.id].map((one, index) => {
        return { id: one, seq: index + 1, status: 'applied' };
      }),
    );
  });

  it('two devices amend the same report: the later one is rejected, disappears, and is sent again', async () => {
    const [phone, tablet] = [await device('phone'), await online('tablet')];
    await Promise.all([phone.whenLive(), tablet.whenLive()]);
    const { id } = await tablet.report(report('a bicycle'));
    await shows(phone, `SELECT version FROM my_reports WHERE sync_state = 'synced'`, [{ version: 1 }]);
    await offline(phone);
    const { id: amendId } = await phone.amendReport(id, { severity: 1 });
    await tablet.amendReport(id, { severity: 5 });
    await tablet.whenSettled();
    // The one that is offline still shows its own.
    const row = { id, description: 'a bicycle', status: 'active' };
    expect(await phone.query(REPORTS)).toEqual([{ ...row, severity: 1, version: 1, sync_state: 'queued' }]);
    const shown: unknown[] = [];
    phone.live('SELECT severity, version FROM my_reports', [], (rows) => shown.push(rows[0]));
    real.proxy.up();
    await phone.whenSettled();
    const synced = { ...row, severity: 5, version: 2, sync_state: 'synced' };
    await shows(phone, REPORTS, [synced]);
    // A live query is told, also where the stream had come before the verdict.
    await eventually(() => expect(shown.at(-1)).toEqual({ severity: 5, version: 2 }));
    const [entry] = await phone.outbox.list();
    expect(entry).toMatchObject({
      id: amendId,
      state: 'rejected',
      rejection: { code: 'version_conflict', field: 'changes.severity' },
    });
    const again = await phone.outbox.resend(amendId, { description: 'mine' });
    await phone.whenSettled();
    expect(await phone.outbox.list()).toEqual([]);
    const mine = { ...synced, severity: 1, description: 'mine', version: 3 };
    for (const halo of [phone, tablet]) await shows(halo, REPORTS, [mine]);
    const { rows } = await real.database.pool.query('SELECT args FROM ledger WHERE id = $1', [again.id]);
    expect(rows).toMatchObject([{ args: { version: 2, changes: { severity: 1, description: 'mine' } } }]);
  });

  it('what a rejected report took with it is sent again behind it', async () => {
    const phone = await device('phone');
    await phone.whenLive();
    await offline(phone);
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    const { id } = await phone.report({ ...report('from the future'), occurredAt: tomorrow });
    await phone.amendReport(id, { severity: 4 });
    await phone.amendReport(id, { description: 'mended' });
    await phone.addComment({ reportId: id, body: 'It was green.' });
    real.proxy.up();
    await phone.whenSettled();
    expect((await phone.outbox.list()).map(({ rejection }) => rejection?.code)).toEqual([
      'occurred_at_in_future',
      ...Array.from({ length: 3 }, () => 'depends_on_rejected'),
    ]);
    // They go a moment after the outbox has settled them.
    await shows(phone, REPORTS, []);
    await shows(phone, COMMENTS.replace('ORDER', `WHERE sync_state = 'queued' ORDER`), []);
    const again = await phone.outbox.resend(id, { occurredAt: new Date().toISOString() });
    await phone.whenSettled();
    expect(await phone.outbox.list()).toEqual([]);
    await shows(phone, REPORTS, [
      {
        id: again.id,
        severity: 4,
        description: 'mended',
        status: 'active',
        version: 3,
        sync_state: 'synced',
      },
    ]);
    expect(await count(`comments WHERE incident_id = '${await incidentOf(again.id)}'`)).toBe(1);
  });
});

it('refuses what the server would, by the name of the field, and queues nothing', async () => {
  const phone = await device('phone');
  await phone.whenLive();
  const id = crypto.randomUUID();
  const refused = (code: string, field: string) => expect.objectContaining({ code, field }) as Error;
  const seen = { version: 1 };
  const watch = { name: 'Home', lat: 59.33, lon: 18.06, radiusM: 500, threshold: 0.5 };
  for (const [attempt, code, field] of [
    [phone.amendReport(id, { severity: 9 }, seen), 'invalid_report', 'severity'],
    [phone.amendReport(id, {}, seen), 'invalid_report', ''],
    [phone.amendReport(id, { severity: 4 }), 'invalid_report', 'version'],
    [phone.amendReport('7', { severity: 4 }), 'invalid_report', 'reportId'],
    [phone.withdrawReport('7'), 'invalid_report', 'reportId'],
    [phone.addComment({ body: 'about nothing' }), 'invalid_mutation', 'incidentId'],
    [phone.addComment({ incidentId: id, body: ' ' }), 'invalid_mutation', 'body'],
    [phone.deleteComment('7'), 'invalid_mutation', 'commentId'],
    [phone.setWatch({ ...watch, radiusM: 1 }), 'invalid_mutation', 'radiusM'],
    [phone.removeWatch('7'), 'invalid_mutation', 'watchId'],
    [phone.transitionIncident(id, 'closed'), 'invalid_mutation', 'from'],
    [phone.transitionIncident(id, 'closed', { from: 'verified' }), 'invalid_mutation', 'to'],
  ] as const)
    await expect(attempt).rejects.toEqual(refused(code, field));
  expect(await phone.outbox.list()).toEqual([]);
});

it('invariants 1 and 8: two accounts on one device see and send nothing of each other', async () => {
  const [first, second] = [real.account, await registerAccount(real.url, 'second')];
  const open = (as: TestAccount) => real.device('shared', { as, of: first });
  const everything = async (halo: Halo) =>
    (
      await Promise.all(
        ['my_reports', 'my_mutations', 'my_watches'].map((view) => halo.query(`SELECT id FROM ${view}`)),
      )
    ).flat().length;
  const mine = 'SELECT description, sync_state FROM my_reports ORDER BY description';
  const hers = await open(first);
  await hers.report(report('delivered'));
  await hers.setWatch({ name: 'Home', lat: 59.3, lon: 18.1, radiusM: 500, threshold: 0.5 });
  await hers.whenSettled();
  await shows(hers, mine, [{ description: 'delivered', sync_state: 'synced' }]);
  await offline(hers);
  const queued = await hers.report(report('queued'));
  await hers.amendReport(queued.id, { severity: 5 });
  // A device that is handed on, without a log-out.
  await hers.close();

  real.proxy.up();
  const his = await open(second);
  await his.whenLive();
  await his.report(report('of the second'));
  await his.whenSettled();
  await shows(his, mine, [{ description: 'of the second', sync_state: 'synced' }]);
  const pending = 'SELECT id FROM local.pending UNION ALL SELECT id FROM local.patches_my_reports';
  await shows(his, pending, []);
  expect([await his.outbox.list(), await everything(his)]).toEqual([[], 2]);
  expect(await count(`ledger WHERE user_id = '${first.id}'`)).toBe(2);
  expect(await count(`devices WHERE user_id = '${second.id}'`)).toBe(1);
  await his.logout();

  real.proxy.down();
  const again = await open(first);
  expect(await again.query(mine)).toEqual([
    { description: 'delivered', sync_state: 'synced' },
    { description: 'queued', sync_state: 'queued' },
  ]);
  real.proxy.up();
  await again.whenSettled();
  expect(await count(`ledger WHERE user_id = '${first.id}' AND status = 'applied'`)).toBe(4);
  expect(await count(`reports WHERE id = '${queued.id}' AND severity = 5`)).toBe(1);
  expect(await count(`ledger WHERE user_id = '${second.id}'`)).toBe(1);
});

async function incidentOf(reportId: string): Promise<string> {
  const sql = 'SELECT incident_id AS id FROM reports WHERE id = $1';
  return (await real.database.pool.query<{ id: string }>(sql, [reportId])).rows[0]!.id;
}

describe('who has no account', () => {
  const WITHOUT = { auth: { anonymous: true } } as const;
  const own = 'SELECT id, severity, status, sync_state FROM my_reports ORDER BY id';

  it('invariant 1: reports before the server knows of the device, and keeps all of it with the account that is made later', async () => {
    real.proxy.down();
    const first = await real.device('phone', WITHOUT);
    const { id } = await first.report(report('no name'));
    await first.amendReport(id, { severity: 5 });
    const people = await count('users');
    await first.close();
    real.proxy.up();
    const phone = await real.device('phone', WITHOUT);
    await phone.whenSettled();
    const row = { id, severity: 5, status: 'active', sync_state: 'synced' };
    await shows(phone, own, [row]);
    expect(await count('users')).toBe(people + 1);
    const senders = await count(
      `reports r JOIN users u ON u.id = r.reporter_id WHERE r.id = '${id}' AND u.email IS NULL`,
    );
    expect(senders).toBe(1);

    const account = {
      email: `claimed-${id}@halo.example`,
      password: 'a long enough password',
      displayName: 'Kim',
    };
    await expect(phone.claim({ ...account, password: 'short' })).rejects.toMatchObject({
      code: 'invalid_request',
      field: 'password',
    });
    const taken = phone.claim({ ...account, email: real.account.email });
    await expect(taken).rejects.toMatchObject({ code: 'email_taken', field: 'email' });
    await offline(phone);
    const queued = await phone.report(report('still no name'));
    await expect(phone.claim(account)).rejects.toMatchObject({ code: 'unreachable' });
    real.proxy.up();
    await phone.claim(account);
    // As where the answer to the first was lost.
    await phone.claim(account);
    const again = phone.claim({ ...account, password: 'another password' });
    await expect(again).rejects.toMatchObject({ code: 'account_exists' });
    await phone.whenSettled();
    const deviceId = await phone.outbox.deviceId();
    await phone.close();

    const { email, password } = account;
    const known = await real.device('phone', { auth: { email } });
    const third = await known.report(report('with a name'));
    expect([queued.seq, third.seq]).toEqual([3, 4]);
    await known.whenSettled();
    expect(await known.outbox.deviceId()).toBe(deviceId);
    const elsewhere = await real.device('tablet', { auth: { email, password } });
    const ids = [id, queued.id, third.id].toSorted();
    await shows(
      elsewhere,
      'SELECT id FROM my_reports ORDER BY id',
      ids.map((one) => ({ id: one })),
    );
    await known.logout();
    const other = await real.device('phone', WITHOUT);
    expect(await other.query(own)).toEqual([]);
    await other.report(report('somebody else'));
    await other.whenSettled();
    expect(await count(`reports r JOIN users u ON u.id = r.reporter_id WHERE u.email = '${email}'`)).toBe(3);
  });

  it('withdraws and erases, and another person goes on where the session is over', async () => {
    const phone = await real.device('phone', WITHOUT);
    const { id } = await phone.report(report('to be taken back'));
    await phone.withdrawReport(id);
    await phone.whenSettled();
    const { rows } = await real.database.pool.query<{ id: string }>(
      'SELECT reporter_id AS id FROM reports WHERE id = $1',
      [id],
    );
    const person = rows[0]!.id;
    expect(await count(`reports WHERE id = '${id}' AND status = 'withdrawn'`)).toBe(1);
    expect(await phone.request('GET', '/api/v1/auth/me/export')).toMatchObject({ reports: [{ id }] });
    await expect(phone.request('GET', '//elsewhere.example/')).rejects.toMatchObject({ field: 'path' });
    await phone.erase();
    // Gone, or as good as: a job takes them away each minute.
    expect(await count(`users WHERE id = '${person}' AND erasing_at IS NULL`)).toBe(0);
    await expect(phone.report(report('late'))).rejects.toMatchObject({ code: 'closed' });

    const next = await real.device('phone', WITHOUT);
    const first = await next.report(report('by the next'));
    await next.whenSettled();
    const me = async () => ((await next.request('GET', '/api/v1/auth/me')) as { id: string }).id;
    const before = await me();
    await real.database.pool.query(
      "UPDATE sessions SET revoked_at = now(), revoked_reason = 'disabled' WHERE user_id = $1",
      [before],
    );
    // What the server has looked up of a session it trusts for some seconds.
    await eventually(async () => expect(await me()).not.toBe(before));
    const device = await next.outbox.deviceId();
    const last = await next.report(report('by the one after'));
    await next.whenSettled();
    expect(await next.outbox.deviceId()).not.toBe(device);
    const reporters = `reports WHERE (id, reporter_id) IN (('${first.id}', '${before}'), ('${last.id}', '${await me()}'))`;
    expect(await count(reporters)).toBe(2);
  });
});
