import type { OpenAPIHono } from '@hono/zod-openapi';
import { uuidv7 } from 'uuidv7';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { mutationBatchResultSchema } from '@halo/shapes/protocol/mutation-batch.ts';
import { createPool } from '../../server/db/pool.ts';
import { MutationRejection } from '../../server/mutations/mutation-handler.ts';
import type { MutationHandler } from '../../server/mutations/mutation-handler.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { useTestDatabase } from '../support/database.ts';
import { addUsers, countRows, createInstance, reportArgs, TestDevice } from './mutations-support.ts';

async function start(extraHandlers: readonly MutationHandler[] = []) {
  const { pool, url } = await useTestDatabase();
  const [userId] = await addUsers(pool, 1);
  return {
    pool,
    url,
    userId: userId!,
    app: createInstance(pool, extraHandlers),
    device: new TestDevice(userId!),
  };
}

describe('a batch', () => {
  it('is settled in order, and answered in the form of the contract', async () => {
    const { app, device, pool } = await start();
    const batch = [device.report(), device.report({ type: 'fire' }), device.report({ type: 'animal' })];
    const answer = mutationBatchResultSchema.parse(await device.settle(app, batch));
    expect(answer.lastSeq).toBe(3);
    expect(answer.results.map(({ seq, id, status, replayed }) => [seq, id, status, replayed])).toEqual(
      batch.map(({ seq, id }) => [seq, id, 'applied', false]),
    );
    expect(answer.results.map(({ result }) => result?.['reportId'])).toEqual(batch.map(({ id }) => id));
    expect(await countRows(pool)).toEqual({ reports: 3, incidents: 3, ledger: 3 });
  });

  it('carries the id of the transaction that settled it', async () => {
    const { app, device, pool } = await start();
    const { results } = await device.settle(app, [device.report()]);
    const { rows } = await pool.query<{ xmin: string }>('SELECT xmin::text FROM ledger');
    expect(Number(results[0]?.txid) % 2 ** 32).toBe(Number(rows[0]?.xmin));
  });

  it('invariant 2: gets the same answer when it comes again, whole or in part, with more behind it', async () => {
    const { app, device, pool } = await start();
    const batch = [device.report(), device.mutation('report.create', { type: 'nonsense' }), device.report()];
    const first = await device.settle(app, batch);
    const again = await device.settle(app, batch);
    expect(JSON.stringify(again)).toBe(
      JSON.stringify(first).replaceAll('"replayed":false', '"replayed":true'),
    );
    const last = await device.settle(app, [batch[2]!, device.report({ type: 'fire' })]);
    expect(last.results.map(({ replayed }) => replayed)).toEqual([true, false]);
    expect(last.lastSeq).toBe(4);
    expect(await countRows(pool)).toMatchObject({ reports: 3, ledger: 4 });
  });

  it('invariant 2: knows a mutation by its id however that is spelt', async () => {
    const { app, device, pool } = await start();
    const report = device.report();
    const first = await device.settle(app, [{ ...report, id: report.id.toUpperCase() }]);
    expect(first.results).toMatchObject([{ id: report.id, status: 'applied', replayed: false }]);
    expect((await device.settle(app, [report])).results).toMatchObject([
      { status: 'applied', replayed: true },
    ]);
    expect(await countRows(pool)).toMatchObject({ reports: 1, ledger: 1 });
  });

  it('invariant 2: has one effect when fifty of it come at once', async () => {
    const { app, device, pool } = await start();
    const batch = [device.report(), device.report({ type: 'fire' })];
    const answers = await Promise.all(Array.from({ length: 50 }, () => device.settle(app, batch)));
    const contents = new Set(
      answers.map(({ results }) => JSON.stringify(results.map((result) => ({ ...result, replayed: true })))),
    );
    expect(contents.size).toBe(1);
    expect(answers.filter(({ results }) => results.some(({ replayed }) => !replayed))).toHaveLength(1);
    expect(await countRows(pool)).toEqual({ reports: 2, incidents: 2, ledger: 2 });
  });

  it('invariant 2: has one effect when two instances are sent the same batches at once', async () => {
    const { app, device, pool, url, userId } = await start();
    const otherPool = createPool(url, 10, createLogger('silent'));
    try {
      const otherApp = createInstance(otherPool);
      const devices = [device, new TestDevice(userId), new TestDevice(userId)];
      const batches = devices.map((one) => Array.from({ length: 10 }, () => one.report()));
      const answers = await Promise.all(
        devices.flatMap((one, index) => [
          one.settle(app, batches[index]!),
          one.settle(otherApp, batches[index]!),
        ]),
      );
      for (const { lastSeq, results } of answers) expect([lastSeq, results.length]).toEqual([10, 10]);
      expect(await countRows(pool)).toEqual({ reports: 30, incidents: 1, ledger: 30 });
    } finally {
      await otherPool.end();
    }
  });

  it('is refused after a gap, and the expected seq named', async () => {
    const { app, device, pool } = await start();
    await device.settle(app, [device.report()]);
    device.report();
    const response = await device.post(app, [device.report()]);
    expect([response.status, await response.json()]).toEqual([409, { code: 'seq_gap', expectedSeq: 2 }]);
    expect(await countRows(pool)).toMatchObject({ ledger: 1 });
  });

  it('is refused when a settled mutation has other contents, or another id', async () => {
    const { app, device, pool } = await start();
    const settled = device.report();
    await device.settle(app, [settled]);
    const changes = [
      { ...settled, args: reportArgs({ severity: 5 }) },
      { ...settled, id: uuidv7() },
    ];
    const next = device.report();
    for (const changed of changes) {
      const response = await device.post(app, [changed, next]);
      expect([response.status, await response.json()]).toEqual([422, { code: 'mutation_changed', seq: 1 }]);
    }
    expect(await countRows(pool)).toMatchObject({ ledger: 1 });
  });

  it('is the same one when only the order of its keys differs', async () => {
    const { app, device } = await start();
    const settled = device.report();
    await device.settle(app, [settled]);
    const args = Object.fromEntries(Object.entries(settled.args as object).toReversed());
    expect((await device.settle(app, [{ ...settled, args }])).results[0]?.replayed).toBe(true);
  });

  it('is refused when an id was used before for something else, by any device, or twice in the batch', async () => {
    const { app, device, userId, pool } = await start();
    const settled = device.report();
    await device.settle(app, [settled]);
    const reused = { status: 422, code: 'mutation_id_reused' };
    const refusal = async (response: Response) => ({
      status: response.status,
      code: ((await response.json()) as { code: string }).code,
    });
    const changes = { severity: 5 } as const;
    expect(await refusal(await device.post(app, [{ ...device.report(changes), id: settled.id }]))).toEqual(
      reused,
    );
    const other = new TestDevice(userId);
    expect(await refusal(await other.post(app, [{ ...other.report(changes), id: settled.id }]))).toEqual(
      reused,
    );
    const [stranger] = await addUsers(pool, 1);
    const strange = new TestDevice(stranger!);
    expect(await refusal(await strange.post(app, [settled]))).toEqual(reused);
    const [one, two] = [device.report(), device.report()];
    expect(await refusal(await device.post(app, [one, { ...two, id: one.id }]))).toEqual(reused);
  });

  it('invariant 2: is one effect when it comes again under other seqs, from this device or another', async () => {
    const { app, device, userId, pool } = await start();
    const old = [device.report(), device.report({ type: 'fire' }), device.report({ severity: 9 })];
    const first = await device.settle(app, old);
    const renamed = new TestDevice(userId);
    // The second of them comes between two that are new.
    const [one, two] = [renamed.report({ type: 'animal' }), renamed.report()];
    const mixed = [old[0]!, one, old[1]!, two, old[2]!].map((each, index) => ({ ...each, seq: index + 1 }));
    const answer = await renamed.settle(app, mixed);
    expect(answer.lastSeq).toBe(5);
    expect(answer.results.map(({ seq, id, replayed }) => [seq, id, replayed])).toEqual(
      mixed.map(({ id }, index) => [index + 1, id, index % 2 === 0]),
    );
    expect(answer.results.filter(({ replayed }) => replayed).map((each) => ({ ...each, seq: 0 }))).toEqual(
      first.results.map((each) => ({ ...each, seq: 0, replayed: true })),
    );
    expect(await countRows(pool)).toMatchObject({ reports: 4, ledger: 5 });

    const again = await renamed.settle(app, mixed);
    expect(again.results.every(({ replayed }) => replayed)).toBe(true);
    const other = new TestDevice(userId);
    const moved = await other.settle(app, [{ ...old[1]!, seq: 1 }]);
    expect(moved).toMatchObject({ lastSeq: 1, results: [{ seq: 1, status: 'applied', replayed: true }] });
    const here = await device.settle(app, [
      { ...old[0]!, seq: 4 },
      { ...device.report(), seq: 5 },
    ]);
    expect(here.results.map(({ replayed }) => replayed)).toEqual([true, false]);
    const changed = await other.post(app, [{ ...other.report(), seq: 1 }]);
    expect(await changed.json()).toMatchObject({ code: 'mutation_changed' });
    expect(await countRows(pool)).toMatchObject({ reports: 5, ledger: 6 });
  });

  it('invariant 2: settles an id only once when devices race for it', async () => {
    const { app, userId, pool } = await start();
    const id = uuidv7();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => {
        const one = new TestDevice(userId);
        return one.settle(app, [{ ...one.report(), id }]);
      }),
    );
    expect(answers.filter(({ results }) => results[0]?.replayed === false)).toHaveLength(1);
    expect(new Set(answers.map(({ results }) => results[0]?.txid)).size).toBe(1);
    expect(await countRows(pool)).toMatchObject({ reports: 1, ledger: 1 });
  });
});

describe('an envelope', () => {
  it('that is not valid is refused with the field named', async () => {
    const { app, device } = await start();
    const mutation = device.report();
    const cases: [unknown[], string][] = [
      [[], 'mutations'],
      [[{ ...mutation, seq: 0 }], 'mutations.0.seq'],
      [[{ ...mutation, id: crypto.randomUUID() }], 'mutations.0.id'],
      [[{ ...mutation, createdAt: 'yesterday' }], 'mutations.0.createdAt'],
      [[mutation, { ...device.report(), seq: 3 }], 'mutations.1.seq'],
      [Array.from({ length: 101 }, () => device.report()), 'mutations'],
    ];
    for (const [mutations, field] of cases) {
      const response = await device.post(app, mutations);
      expect([response.status, ((await response.json()) as { field: string }).field]).toEqual([400, field]);
    }
  });

  it('of more than a mebibyte is refused, with and without a declared length', async () => {
    const { app, device, userId } = await start();
    const body = JSON.stringify({ deviceId: device.id, mutations: [], padding: 'x'.repeat(1_048_576) });
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${userId}` };
    const declared = { ...headers, 'content-length': String(body.length) };
    for (const sent of [headers, declared]) {
      const response = await app.request('/v1/mutations', { method: 'POST', headers: sent, body });
      expect(response.status).toBe(413);
    }
  });

  it('without a caller is refused before it is read', async () => {
    const { app } = await start();
    const response = await app.request('/v1/mutations', { method: 'POST', body: 'nonsense' });
    expect(response.status).toBe(401);
  });
});

describe('a device', () => {
  it('belongs to the account that first used it', async () => {
    const { app, device, pool } = await start();
    await device.settle(app, [device.report()]);
    const [stranger] = await addUsers(pool, 1);
    const response = await app.request('/v1/mutations', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${stranger}` },
      body: JSON.stringify({ deviceId: device.id, mutations: [device.report()] }),
    });
    expect([response.status, await response.json()]).toMatchObject([
      403,
      { code: 'device_of_another_account' },
    ]);
  });

  it('is one of twenty new ones of its account in a day at most, also when they come at once', async () => {
    const { app, userId, pool } = await start();
    const answers = await Promise.all(
      Array.from({ length: 23 }, () => settleAsNewDevice(app, new TestDevice(userId))),
    );
    expect(answers.filter((answer) => answer === 'settled')).toHaveLength(20);
    expect(answers.filter((answer) => answer === 'too_many_new_devices')).toHaveLength(3);
    const { rows } = await pool.query<{ n: number }>('SELECT count(*)::int AS n FROM devices');
    expect(rows[0]?.n).toBe(20);
    await pool.query(`UPDATE devices SET created_at = now() - interval '25 hours'`);
    expect(await settleAsNewDevice(app, new TestDevice(userId))).toBe('settled');
  });

  it('is one of fifty of its account at most that are in use; one that was long unseen still writes', async () => {
    const { app, device, userId, pool } = await start();
    await device.settle(app, [device.report()]);
    await pool.query(
      `INSERT INTO devices (id, user_id, created_at)
       SELECT gen_random_uuid(), $1, now() - interval '2 days' FROM generate_series(1, 48)`,
      [userId],
    );
    const answers = await Promise.all(
      [new TestDevice(userId), new TestDevice(userId)].map((one) => settleAsNewDevice(app, one)),
    );
    expect(answers.toSorted()).toEqual(['settled', 'too_many_devices']);

    await pool.query(`UPDATE devices SET last_seen_at = now() - interval '31 days' WHERE id = $1`, [
      device.id,
    ]);
    expect(await settleAsNewDevice(app, new TestDevice(userId))).toBe('settled');
    const { lastSeq } = await device.settle(app, [device.report()]);
    expect(lastSeq).toBe(2);
  });
});

/** Sends a first mutation; what came of it, or the code of the refusal. */
async function settleAsNewDevice(app: OpenAPIHono, device: TestDevice): Promise<string> {
  const response = await device.post(app, [device.mutation('unknown', {})]);
  if (response.status === 200) return 'settled';
  return ((await response.json()) as { code: string }).code;
}

describe('a mutation at fault', () => {
  it('is settled as rejected, and those behind it go on', async () => {
    const { app, device, pool } = await start();
    const { lastSeq, results } = await device.settle(app, [
      device.report({ severity: 9 }),
      device.mutation('report.levitate', {}),
      device.report({ occurredAt: '2026-11-25T12:11:00Z' }),
      device.report({ occurredAt: '2025-01-01T00:00:00Z' }),
      device.mutation('report.create', null),
      device.report(),
    ]);
    expect(lastSeq).toBe(6);
    expect(results.map(({ status, code, field }) => [status, code, field])).toEqual([
      ['rejected', 'invalid_args', 'severity'],
      ['rejected', 'unknown_type', undefined],
      ['rejected', 'occurred_at_in_future', 'occurredAt'],
      ['rejected', 'occurred_at_too_old', 'occurredAt'],
      ['rejected', 'invalid_args', undefined],
      ['applied', undefined, undefined],
    ]);
    expect(await countRows(pool)).toEqual({ reports: 1, incidents: 1, ledger: 6 });
  });

  it('never blocks the queue, whatever its arguments hold', async () => {
    const { app, device, pool } = await start();
    let nested: unknown = 'deep';
    for (let depth = 0; depth < 500; depth += 1) nested = [nested];
    const batch = [
      device.report({ description: 'a NUL \0 in the text' }),
      device.report({ description: 'half a pair \ud83d' }),
      device.mutation('report.create', { '\0': 1 }),
      device.mutation('null\0type', null),
      device.mutation('report.create', nested),
      { ...device.report(), createdAt: '0000-01-01T00:00:00Z' },
      { ...device.report(), createdAt: '9999-12-31T23:59:59-14:00' },
    ];
    const { results } = await device.settle(app, batch);
    expect(results.map(({ status }) => status)).toEqual([
      ...Array.from({ length: 5 }, () => 'rejected'),
      'applied',
      'applied',
    ]);
    expect(results[0]?.field).toBe('description');
    expect((await device.settle(app, batch)).results.every(({ replayed }) => replayed)).toBe(true);
    const { rows } = await pool.query('SELECT clock_suspect FROM ledger ORDER BY seq DESC LIMIT 2');
    expect(rows).toEqual([{ clock_suspect: true }, { clock_suspect: true }]);
  });

  it('is kept with its arguments as they came, whatever JSON they are', async () => {
    const { app, device, pool } = await start();
    const all = [
      null,
      'null',
      '',
      '{"a":1}',
      0,
      -1.5e300,
      false,
      [],
      [null],
      {},
      { a: null, b: [{ c: 'd' }] },
    ];
    await device.settle(
      app,
      all.map((args) => device.mutation('unknown', args)),
    );
    const { rows } = await pool.query('SELECT args, result FROM ledger ORDER BY seq');
    expect(rows).toEqual(all.map((args) => ({ args, result: null })));
    const { rows: absent } = await pool.query(
      'SELECT count(*)::int AS n FROM ledger WHERE result IS NOT NULL',
    );
    expect(absent).toEqual([{ n: 0 }]);
  });
});

it('refuses no batch and breaks at no depth, however deeply something is nested', async () => {
  const { app, device } = await start();
  const mutation = JSON.stringify(device.mutation('report.create', 'HERE'));
  const nested = '['.repeat(200_000) + ']'.repeat(200_000);
  const response = await app.request('/v1/mutations', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${device.userId}` },
    body: `{"deviceId":"${device.id}","mutations":[${mutation.replace('"HERE"', nested)}]}`,
  });
  const { results } = (await response.json()) as { results: { status: string; code: string }[] };
  expect(results[0]).toMatchObject({ status: 'rejected', code: 'invalid_args' });
});

describe("a failure of the server's", () => {
  const args = z.object({ fail: z.boolean() });
  function faulty(): { handler: MutationHandler; mend: () => void } {
    let broken = true;
    const handler: MutationHandler<z.infer<typeof args>> = {
      type: 'test.faulty',
      schema: args,
      locks: () => [],
      async apply(tx, { fail }, { mutationId }) {
        await tx.query(`INSERT INTO signing_keys (kid, public_jwk) VALUES ($1, '{}')`, [mutationId]);
        if (fail && broken) await tx.query('SELECT 1 / 0');
        return { b: 1, a: { d: 2, c: 1.0 } };
      },
    };
    return { handler: handler, mend: () => (broken = false) };
  }

  it('in the middle settles what was before it and nothing after it; the rest goes through later', async () => {
    const { handler, mend } = faulty();
    const { app, device, pool } = await start([handler]);
    const batch = [false, true, false].map((fail) => device.mutation('test.faulty', { fail }));
    const kept = async () => {
      const { rows } = await pool.query<{ kid: string }>('SELECT kid FROM signing_keys ORDER BY kid');
      return rows.map(({ kid }) => kid);
    };
    const first = await device.settle(app, batch);
    expect([first.lastSeq, first.results.length]).toEqual([1, 1]);
    expect(await kept()).toEqual([batch[0]!.id]);

    const response = await device.post(app, batch.slice(1));
    expect([response.status, await response.json()]).toMatchObject([503, { code: 'mutation_not_settled' }]);

    mend();
    const last = await device.settle(app, batch);
    expect(last.results.map(({ replayed }) => replayed)).toEqual([true, false, false]);
    expect(JSON.stringify(last.results[1]?.result)).toBe(JSON.stringify(last.results[0]?.result));
    expect(await kept()).toEqual(batch.map(({ id }) => id));
  });

  it('is told from a rejection, which takes back what it wrote and is remembered', async () => {
    const handler: MutationHandler = {
      type: 'test.picky',
      schema: z.unknown(),
      locks: () => [],
      async apply(tx) {
        await tx.query(`INSERT INTO signing_keys (kid, public_jwk) VALUES ('a key of the test', '{}')`);
        throw new MutationRejection('picky', 'Not this one.', 'thing');
      },
    };
    const { app, device, pool } = await start([handler]);
    const { results } = await device.settle(app, [device.mutation('test.picky', {}), device.report()]);
    expect(results[0]).toMatchObject({
      status: 'rejected',
      code: 'picky',
      message: 'Not this one.',
      field: 'thing',
    });
    expect(results[1]).toMatchObject({ status: 'applied' });
    expect((await pool.query('SELECT kid FROM signing_keys')).rows).toEqual([]);
  });

  it('that is a deadlock is tried again as a whole', async () => {
    const lock = (kid: string) => `SELECT 1 FROM signing_keys WHERE kid = '${kid}' FOR UPDATE`;
    const handler: MutationHandler<{ order: string[] }> = {
      type: 'test.crossing',
      schema: z.object({ order: z.array(z.string()) }),
      locks: () => [],
      async apply(tx, { order }) {
        for (const kid of order) {
          await tx.query(lock(kid));
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        return {};
      },
    };
    const { app, device, pool, userId } = await start([handler]);
    await pool.query(
      `INSERT INTO signing_keys (kid, public_jwk) VALUES ('first key', '{}'), ('second key', '{}')`,
    );
    const other = new TestDevice(userId);
    const answers = await Promise.all([
      device.settle(app, [device.mutation('test.crossing', { order: ['first key', 'second key'] })]),
      other.settle(app, [other.mutation('test.crossing', { order: ['second key', 'first key'] })]),
    ]);
    expect(answers.map(({ results }) => results[0]?.status)).toEqual(['applied', 'applied']);
  });
});
