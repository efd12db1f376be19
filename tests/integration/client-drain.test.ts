import type { Halo } from '@halo/client';
import { expect, it } from 'vitest';
import { realEnvironment } from '../../client-sdk/sync/environment.ts';
import { eventually } from '../support/eventually.ts';
import { shows, useRealServer } from './client-real-server.ts';

const MUTATIONS = 'POST /v1/mutations';
const MINE = 'SELECT description, severity, version, sync_state FROM my_reports ORDER BY id';

const real = useRealServer();

/** What the server has settled for the account, in the order of the queue. */
async function ledger() {
  const { rows } = await real.database.pool.query(
    'SELECT seq::int, type, status, code, field FROM ledger WHERE user_id = $1 ORDER BY seq',
    [real.account.id],
  );
  return rows as object[];
}

it('invariants 1 and 2 (O11): ten reports and ten edits of them, three reloads, online amid the drain', async () => {
  const { proxy } = real;
  proxy.down();
  let phone = await real.device('phone');
  const reload = async () => {
    await phone.close();
    phone = await real.device('phone');
    await eventually(() => expect(phone.status().replica.state).toBe('ready'));
  };
  await eventually(() => expect(phone.status().replica.state).toBe('ready'));
  const ids: string[] = [];
  for (let n = 0; n < 10; n += 1) ids.push((await phone.report(real.report(`report ${n}`))).id);
  const edit = async (halo: Halo, from: number, to: number) => {
    for (let n = from; n < to; n += 1) await halo.amendReport(ids[n]!, { description: `edit ${n}` });
  };
  await edit(phone, 0, 5);
  const expected = (edited: number, others: object) =>
    ids.map((_, n) => ({ description: `${n < edited ? 'edit' : 'report'} ${n}`, severity: 3, ...others }));
  const queued = { version: null, sync_state: 'queued' };

  await reload();
  expect(await phone.query(MINE)).toEqual(expected(5, queued));
  // Fifteen are on their way, and settled, when the other five come; the answer is lost with the second reload.
  proxy.onAnswer(MUTATIONS, () => 'hold');
  proxy.up();
  await eventually(async () => expect(await ledger()).toHaveLength(15));
  await edit(phone, 5, 10);
  await reload();
  await eventually(async () =>
    expect(await phone.query(MINE)).toMatchObject(
      expected(10, {}).map(({ description }) => ({ description })),
    ),
  );
  // Now all twenty are answered, but only half of the answer arrives before the network has gone again.
  proxy.onAnswer(MUTATIONS, () => 'half');
  await eventually(async () => expect(await ledger()).toHaveLength(20));
  await real.offline(phone);
  await reload();
  proxy.onAnswer(MUTATIONS, undefined);
  proxy.up();
  await phone.whenSettled();

  expect(await phone.outbox.list()).toEqual([]);
  await shows(phone, MINE, expected(10, { version: 2, sync_state: 'synced' }));
  const settled = (type: string) => (_: unknown, n: number) => {
    return { seq: (type === 'report.create' ? 1 : 11) + n, type, status: 'applied', code: null, field: null };
  };
  expect(await ledger()).toEqual([...ids.map(settled('report.create')), ...ids.map(settled('report.amend'))]);
  const reporter = `reporter_id = '${real.account.id}'`;
  expect(await real.count(`reports WHERE ${reporter} AND version = 2`)).toBe(10);
  expect(await real.count(`reports WHERE ${reporter}`)).toBe(10);
  expect(await real.count(`report_versions WHERE ${reporter}`)).toBe(10);
}, 180_000);

it('invariants 1 and 2 (O12): of ten, one is at fault, one builds upon it, and the server fails thrice on another', async () => {
  await failOn('number 9', 3);
  const statuses: number[] = [];
  const environment = {
    ...realEnvironment,
    fetch: async (...[input, init]: Parameters<typeof fetch>) => {
      const answer = await fetch(input, init);
      if (new Request(input).url.endsWith('/v1/mutations')) statuses.push(answer.status);
      return answer;
    },
  };
  const phone = await real.device('phone', { environment });
  await phone.whenLive();
  await real.offline(phone);
  statuses.length = 0;
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  const ids: string[] = [];
  for (let n = 1; n <= 10; n += 1) {
    const report = real.report(`number ${n}`);
    const { id } =
      n === 7
        ? await phone.amendReport(ids[3]!, { severity: 5 })
        : await phone.report(n === 4 ? { ...report, occurredAt: tomorrow } : report);
    ids.push(id);
  }
  expect(await phone.query(MINE)).toHaveLength(9);
  real.proxy.up();
  await phone.whenSettled();

  // The first eight were settled when it failed; then it failed on the first of those sent.
  expect(statuses).toEqual([200, 503, 503, 200]);
  const applied = (seq: number) => ({ seq, status: 'applied', code: null, field: null });
  expect(await ledger()).toMatchObject([
    ...[1, 2, 3].map(applied),
    { seq: 4, status: 'rejected', code: 'occurred_at_in_future', field: 'occurredAt' },
    ...[5, 6].map(applied),
    { seq: 7, type: 'report.amend', status: 'rejected', code: 'depends_on_rejected' },
    ...[8, 9, 10].map(applied),
  ]);
  const entries = await phone.outbox.list();
  expect(entries).toMatchObject([
    { id: ids[3], state: 'rejected', rejection: { code: 'occurred_at_in_future' } },
    { id: ids[6], state: 'rejected', rejection: { code: 'depends_on_rejected' } },
  ]);
  expect(entries[1]?.rejection?.message).toContain(ids[3]);
  await shows(
    phone,
    MINE,
    [1, 2, 3, 5, 6, 8, 9, 10].map((n) => {
      return { description: `number ${n}`, severity: 3, version: 1, sync_state: 'synced' };
    }),
  );
}, 180_000);

/**
 * Makes Postgres fail on the report with this description in as many batches. A batch counts once, though the server
 * tries it twice: together with its neighbours, and by itself. What counts is a sequence, which no rollback sets back.
 */
async function failOn(description: string, batches: number): Promise<void> {
  await real.database.pool.query(`
    CREATE SEQUENCE failures;
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('failures') <= ${2 * batches} THEN RAISE 'a failure of the server''s'; END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER fail BEFORE INSERT ON reports FOR EACH ROW
      WHEN (NEW.description = '${description}') EXECUTE FUNCTION fail();`);
}
