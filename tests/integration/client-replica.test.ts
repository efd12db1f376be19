import { rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeStore } from '@halo/client/node';
import type { ChangeMessage } from '@halo/shapes/protocol/messages.ts';
import fc from 'fast-check';
import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { memoryPostgres } from '../support/prepared-replica.ts';
import { applyChanges } from '../../client-sdk/replica/apply-changes.ts';
import { Committer } from '../../client-sdk/replica/committer.ts';
import {
  beginBuilding,
  loadCursor,
  pruneCursors,
  publishBuilding,
} from '../../client-sdk/replica/cursors.ts';
import { LiveQueries } from '../../client-sdk/replica/live-queries.ts';
import { giveWay } from '../../client-sdk/replica/pending/give-way.ts';
import { PendingMutations } from '../../client-sdk/replica/pending/pending-mutations.ts';
import { ReplicaSink } from '../../client-sdk/replica/replica-sink.ts';
import { ensureSchema } from '../../client-sdk/replica/schema.ts';
import { subscriptionsOf } from '../../client-sdk/replica/subscription.ts';
import type { Subscription } from '../../client-sdk/replica/subscription.ts';
import { ReplicaDiverged } from '../../client-sdk/streams/shape-sink.ts';
import { realEnvironment } from '../../client-sdk/sync/environment.ts';
import { eventually } from '../support/eventually.ts';
import { incidentRow, numberedId, reportRow, sampleReport } from './client-samples.ts';
import { startProcess } from '../support/process.ts';

const SUBSCRIPTIONS = subscriptionsOf([
  { name: 'incidents', params: { region: '01' } },
  { name: 'incidents', params: { region: '12' } },
]);
const [STOCKHOLM, SKANE, MY_REPORTS] = SUBSCRIPTIONS as [Subscription, Subscription, Subscription];
const MY_MUTATIONS = SUBSCRIPTIONS[3]!;
const SEVERITIES = 'SELECT id::text, region, severity FROM incidents ORDER BY id, region';

let database: Awaited<ReturnType<typeof memoryPostgres>>;
beforeAll(async () => {
  database = await memoryPostgres();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.exec('DROP SCHEMA IF EXISTS local CASCADE; DROP SCHEMA IF EXISTS synced CASCADE');
  await ensureSchema(database);
});

const change = (
  operation: 'insert' | 'update' | 'delete',
  value: Record<string, string | null>,
): ChangeMessage => ({ key: '', value, headers: { operation, relation: ['public', 'x'] } });
const insert = (id: number, region: string, severity = '3') =>
  change('insert', incidentRow(numberedId(id), region, severity));
const at = (offset: string, handle = 'h') => ({ handle, offset });

async function sinks(...subscriptions: Subscription[]) {
  const nudged: string[] = [];
  const committer = new Committer({
    database,
    sleep: realEnvironment.sleep,
    nudge: (ids) => void nudged.push(...ids),
    onCommit: () => {},
    afterRows: (tx) => giveWay(tx),
  });
  const made = subscriptions.map((subscription) => new ReplicaSink(database, committer, subscription));
  const resumed = [];
  for (const sink of made) resumed.push(await sink.resume());
  return { sinks: made, resumed, nudged, committer };
}

async function snapshot(sink: ReplicaSink, rows: ChangeMessage[], lsn: bigint, handle = 'h'): Promise<void> {
  await sink.beginSnapshot();
  await sink.addToSnapshot(rows, at('0_0', handle));
  await sink.publishSnapshot(at(`${lsn}_0`, handle), lsn);
}

const rows = async () => (await database.query(SEVERITIES)).rows;

describe('the replica', () => {
  it('equals the log after any changes, whatever batches they come in', async () => {
    const operation = fc.record({
      id: fc.integer({ min: 1, max: 5 }),
      kind: fc.nat(2),
      severity: fc.integer({ min: 1, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(operation, { maxLength: 8 }), { maxLength: 5 }), async (batches) => {
        const { sinks: made } = await sinks(STOCKHOLM);
        const [sink] = made as [ReplicaSink];
        await snapshot(sink, [insert(1, '01'), insert(2, '01')], 1n);
        const expected = new Map([1, 2].map((id) => [id, 3]));
        for (const [index, batch] of batches.entries()) {
          const changes = batch.map(({ id, kind, severity }) => {
            if (!expected.has(id)) {
              expected.set(id, severity);
              return insert(id, '01', String(severity));
            }
            if (kind === 0) {
              expected.delete(id);
              return change('delete', { id: numberedId(id) });
            }
            expected.set(id, severity);
            return change('update', { id: numberedId(id), severity: String(severity) });
          });
          await sink.apply(changes, at(`${index + 2}_0`), BigInt(index + 2));
        }
        const want = [...expected].toSorted(([a], [b]) => a - b);
        expect(await rows()).toEqual(
          want.map(([id, severity]) => ({ id: numberedId(id), region: '01', severity })),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('keeps every value as the server wrote it', async () => {
    const { sinks: made } = await sinks(STOCKHOLM, MY_REPORTS);
    const text = 'tab\t quote\' "double" \\N {brace, } åäö 🚲 \n NULL';
    const incident = { ...incidentRow(numberedId(1), '01'), confidence: '0.1', type: text, official: 't' };
    await snapshot(made[0]!, [change('insert', incident)], 1n);
    await snapshot(made[1]!, [change('insert', reportRow(numberedId(2), text))], 1n);
    const { rows: read } = await database.query(
      'SELECT type, confidence, official, merged_into FROM incidents',
    );
    expect(read).toEqual([{ type: text, confidence: 0.1, official: true, merged_into: null }]);
    expect((await database.query('SELECT description FROM my_reports')).rows).toEqual([
      { description: text },
    ]);
  });

  it('a refetch of one region replaces the rows of that region alone, and is never seen half', async () => {
    const { sinks: made, committer } = await sinks(STOCKHOLM, SKANE);
    const [stockholm, skane] = made as [ReplicaSink, ReplicaSink];
    await Promise.all([
      snapshot(stockholm, [insert(1, '01'), insert(2, '01')], 5n),
      snapshot(skane, [insert(3, '12')], 5n),
    ]);
    const before = await rows();
    await stockholm.beginSnapshot();
    await stockholm.addToSnapshot([insert(2, '01', '5')], at('0_0', 'h2'));
    expect(await rows()).toEqual(before);
    await stockholm.addToSnapshot([insert(4, '01')], at('0_1', 'h2'));
    expect(await rows()).toEqual(before);
    committer.count(SKANE.id, false);
    await stockholm.publishSnapshot(at('7_0', 'h2'), 7n);
    expect(await rows()).toEqual([
      { id: numberedId(2), region: '01', severity: 5 },
      { id: numberedId(3), region: '12', severity: 3 },
      { id: numberedId(4), region: '01', severity: 3 },
    ]);
    const { rows: stored } = await database.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM synced.incidents',
    );
    expect(stored).toEqual([{ n: 3 }]);
  });

  it('invariant 7: a row that moves between regions is seen in exactly one, whichever stream is first', async () => {
    const { sinks: made, nudged } = await sinks(STOCKHOLM, SKANE);
    const [stockholm, skane] = made as [ReplicaSink, ReplicaSink];
    await Promise.all([snapshot(stockholm, [insert(1, '01')], 5n), snapshot(skane, [], 5n)]);
    for (const [lsn, from, to, region] of [
      [6n, stockholm, skane, '12'],
      [7n, skane, stockholm, '01'],
    ] as const) {
      const arriving = to.apply([insert(1, region)], at(`${lsn}_0`), lsn);
      await eventually(() => nudged.length > 0);
      expect(await rows()).toHaveLength(1);
      await Promise.all([
        arriving,
        from.apply([change('delete', { id: numberedId(1) })], at(`${lsn}_0`), lsn),
      ]);
      expect(await rows()).toEqual([{ id: numberedId(1), region, severity: 3 }]);
      nudged.length = 0;
    }
  });

  it('invariant 7: when a batch does not fit, neither its rows nor its position are kept', async () => {
    const { sinks: made } = await sinks(STOCKHOLM);
    const [sink] = made as [ReplicaSink];
    await snapshot(sink, [insert(1, '01')], 5n);
    const changes = [insert(2, '01'), change('update', { id: numberedId(9), severity: '1' })];
    await expect(sink.apply(changes, at('6_0'), 6n)).rejects.toBeInstanceOf(ReplicaDiverged);
    expect(await rows()).toEqual([{ id: numberedId(1), region: '01', severity: 3 }]);
    expect((await loadCursor(database, STOCKHOLM)).current?.position).toEqual(at('5_0'));
  });

  it('invariant 7: shows of a batch only what a sibling has come to, and the rest with the next', async () => {
    const { sinks: made } = await sinks(STOCKHOLM, SKANE);
    const [stockholm, skane] = made as [ReplicaSink, ReplicaSink];
    await Promise.all([snapshot(stockholm, [insert(1, '01')], 5n), snapshot(skane, [insert(2, '12')], 5n)]);
    const severity = (id: number, to: number, lsn: number): ChangeMessage => {
      const { headers, ...rest } = change('update', { id: numberedId(id), severity: String(to) });
      return { ...rest, headers: { ...headers, lsn: String(lsn), op_position: 4 } };
    };
    const far = stockholm.apply([severity(1, 6, 6), severity(1, 7, 7)], at('7_inf'), 7n);
    await skane.apply([severity(2, 6, 6)], at('6_4'), 6n);
    expect(await rows()).toMatchObject([{ severity: 6 }, { severity: 6 }]);
    expect((await loadCursor(database, STOCKHOLM)).current?.position).toEqual(at('6_4'));
    await skane.apply([severity(2, 7, 7)], at('7_4'), 7n);
    await far;
    expect(await rows()).toMatchObject([{ severity: 7 }, { severity: 7 }]);
    expect((await loadCursor(database, STOCKHOLM)).current?.position).toEqual(at('7_inf'));
  });

  it('invariant 7: a snapshot older than what is in sight is read on before its rows come into sight', async () => {
    const { sinks: made } = await sinks(STOCKHOLM, SKANE);
    const [stockholm, skane] = made as [ReplicaSink, ReplicaSink];
    await snapshot(stockholm, [insert(1, '01')], 9n);
    await skane.beginSnapshot();
    await skane.addToSnapshot([insert(2, '12')], at('0_0'));
    expect(await skane.publishSnapshot(at('7_0'), 7n)).toBe(false);
    expect(await rows()).toHaveLength(1);
    // From now on it is waited for.
    const later = stockholm.apply([insert(3, '01')], at('12_0'), 12n);
    await skane.addToSnapshot([change('delete', { id: numberedId(2) }), insert(4, '12')], at('12_0'));
    expect(await skane.publishSnapshot(at('12_0'), 12n)).toBe(true);
    await later;
    expect(await rows()).toMatchObject([1, 3, 4].map((id) => ({ id: numberedId(id) })));
  });

  it('one batch that does not fit takes no other with it', async () => {
    const { sinks: made } = await sinks(STOCKHOLM, SKANE);
    const [stockholm, skane] = made as [ReplicaSink, ReplicaSink];
    await Promise.all([snapshot(stockholm, [insert(1, '01')], 5n), snapshot(skane, [insert(2, '12')], 5n)]);
    const bad = stockholm.apply([change('update', { id: numberedId(9), severity: '1' })], at('6_0'), 6n);
    const good = skane.apply([change('update', { id: numberedId(2), severity: '5' })], at('6_0'), 6n);
    await expect(bad).rejects.toBeInstanceOf(ReplicaDiverged);
    // The other half may be of the same transaction: it is seen when the first has been read anew.
    expect((await rows())[1]).toMatchObject({ severity: 3 });
    await snapshot(stockholm, [insert(9, '01', '1')], 6n);
    await good;
    expect(await rows()).toMatchObject([{ severity: 5 }, { severity: 1 }]);
  });

  it('takes nothing more once the streams are ended, and lets nobody wait', async () => {
    const { sinks: made, committer } = await sinks(STOCKHOLM);
    const [stockholm] = made as [ReplicaSink];
    await snapshot(stockholm, [insert(1, '01')], 100n);
    committer.close();
    await expect(stockholm.apply([insert(2, '01')], at('200_0'), 200n)).rejects.toThrow('being ended');
    await expect(stockholm.beginSnapshot()).rejects.toThrow('being ended');
    stockholm.contact('here');
    expect(await rows()).toHaveLength(1);
  });

  it('goes on with a snapshot that was half read, and drops it when it is begun anew', async () => {
    const first = (await sinks(STOCKHOLM)).sinks[0]!;
    await first.beginSnapshot();
    await first.addToSnapshot([insert(1, '01')], at('0_0'));
    const { sinks: again, resumed } = await sinks(STOCKHOLM);
    expect(resumed).toEqual([{ phase: 'snapshot', position: at('0_0') }]);
    await again[0]!.addToSnapshot([insert(2, '01')], at('0_1'));
    await again[0]!.publishSnapshot(at('9_0'), 9n);
    expect(await rows()).toHaveLength(2);
    await again[0]!.beginSnapshot();
    await again[0]!.addToSnapshot([insert(7, '01'), insert(8, '01')], at('0_0', 'h2'));
    await snapshot(again[0]!, [insert(3, '01')], 12n, 'h3');
    expect(await rows()).toEqual([{ id: numberedId(3), region: '01', severity: 3 }]);
    const { rows: stored } = await database.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM synced.incidents',
    );
    expect(stored).toEqual([{ n: 1 }]);
  });

  it('a snapshot published twice, by one who was interrupted and could not know, keeps its rows', async () => {
    const { sinks: made } = await sinks(STOCKHOLM);
    await snapshot(made[0]!, [insert(1, '01')], 5n);
    const building = await database.transaction((tx) => beginBuilding(tx, STOCKHOLM));
    await database.transaction((tx) => applyChanges(tx, STOCKHOLM.definition, building, [insert(2, '01')]));
    for (let time = 0; time < 2; time += 1)
      await database.transaction((tx) => publishBuilding(tx, STOCKHOLM, building, at('9_0', 'h2'), 9n));
    expect(await rows()).toEqual([{ id: numberedId(2), region: '01', severity: 3 }]);
  });

  it('forgets rows and position of a subscription that is no longer wanted', async () => {
    const { sinks: made } = await sinks(STOCKHOLM, SKANE);
    await Promise.all([snapshot(made[0]!, [insert(1, '01')], 5n), snapshot(made[1]!, [insert(2, '12')], 5n)]);
    await pruneCursors(database, [SKANE]);
    expect(await rows()).toEqual([{ id: numberedId(2), region: '12', severity: 3 }]);
    expect((await sinks(STOCKHOLM)).resumed[0]).toMatchObject({
      phase: 'snapshot',
      position: { offset: '-1' },
    });
  });

  it('is rebuilt when it was made by another version, and left alone by the same one', async () => {
    const { sinks: made } = await sinks(STOCKHOLM);
    await snapshot(made[0]!, [insert(1, '01')], 5n);
    expect(await ensureSchema(database)).toBe(false);
    expect(await rows()).toHaveLength(1);
    await database.query(`UPDATE local.meta SET value = 'an older catalogue'`);
    expect(await ensureSchema(database)).toBe(true);
    expect(await rows()).toEqual([]);
  });
});

describe('optimistic rows', () => {
  const mutation = (n: number) => ({
    seq: n,
    id: numberedId(n),
    type: 'report.create',
    createdAt: '2026-01-01T00:00:00.000Z',
    args: sampleReport(`report ${n}`),
  });
  const mine = async () =>
    (await database.query('SELECT id::text, description, sync_state FROM my_reports ORDER BY id')).rows;

  it('give way in the transaction that brings the row of the same id, and not before', async () => {
    const pending = new PendingMutations(database);
    const { sinks: made } = await sinks(MY_REPORTS);
    await snapshot(made[0]!, [], 5n);
    await pending.add([mutation(1)]);
    await pending.settled(numberedId(1));
    expect(await mine()).toEqual([{ id: numberedId(1), description: 'report 1', sync_state: 'synced' }]);
    await made[0]!.apply([change('insert', reportRow(numberedId(1), 'as stored'))], at('6_0'), 6n);
    expect(await mine()).toEqual([{ id: numberedId(1), description: 'as stored', sync_state: 'synced' }]);
    expect(
      (await database.query('SELECT id FROM local.pending UNION SELECT id FROM local.patches_my_reports'))
        .rows,
    ).toEqual([]);
  });

  const resultOf = (n: number, type: string, status: 'applied' | 'rejected') =>
    change('insert', {
      ...{ id: numberedId(n), device_id: numberedId(0), seq: String(n), type, args: '{}', status },
      ...{ code: null, message: null, field: null, txid: '1', settled_at: '2026-01-01 12:00:00+00' },
    });

  it('are not shown any more when the stream was faster than another tab, which adds them late', async () => {
    const pending = new PendingMutations(database);
    const { sinks: made } = await sinks(MY_REPORTS, MY_MUTATIONS);
    await snapshot(made[0]!, [change('insert', reportRow(numberedId(1), 'as amended'))], 5n);
    const types = ['report.create', 'report.create', 'report.amend'];
    const results = types.map((type, n) => resultOf(n + 1, type, n === 1 ? 'rejected' : 'applied'));
    await snapshot(made[1]!, results, 5n);
    await pending.add([mutation(1)]);
    await pending.add([mutation(2)]);
    const args = { reportId: numberedId(1), version: 1, changes: { description: 'late' } };
    await pending.add([{ ...mutation(3), type: 'report.amend', args }]);
    expect(await mine()).toEqual([{ id: numberedId(1), description: 'as amended', sync_state: 'synced' }]);
    expect((await database.query('SELECT id FROM local.pending')).rows).toEqual([]);
  });

  it('give way to a row that has come as far, whatever became of another region', async () => {
    const pending = new PendingMutations(database);
    // The other region is refused, and never comes.
    const { sinks: made } = await sinks(STOCKHOLM, SKANE, MY_MUTATIONS);
    const [stockholm, skane, results] = made as [ReplicaSink, ReplicaSink, ReplicaSink];
    skane.contact('refused');
    await snapshot(stockholm, [insert(1, '01')], 5n);
    await snapshot(results, [], 5n);
    const args = { incidentId: numberedId(1), from: 'open', to: 'closed' };
    await pending.add([{ ...mutation(2), type: 'incident.transition', args }]);
    await pending.settled(numberedId(2));
    const closes = change('update', { id: numberedId(1), status: 'closed' });
    const status = async () => (await database.query('SELECT status, sync_state FROM incidents')).rows;
    await Promise.all([
      stockholm.apply([closes], at('6_0'), 6n),
      results.apply([resultOf(2, 'incident.transition', 'applied')], at('6_0'), 6n),
    ]);
    expect(await status()).toEqual([{ status: 'closed', sync_state: 'synced' }]);
    const opens = change('update', { id: numberedId(1), status: 'open' });
    await Promise.all([stockholm.apply([opens], at('7_0'), 7n), results.apply([], at('6_0'), 7n)]);
    expect(await status()).toEqual([{ status: 'open', sync_state: 'synced' }]);
  });

  it('are made again from the outbox, without what it no longer holds', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'halo-pending-'));
    const store = nodeStore(dir);
    const outbox = await store.openOutbox('a');
    const pending = new PendingMutations(database);
    for (const n of [1, 2, 3]) {
      const { seq: _seq, ...fresh } = mutation(n);
      await pending.add([await outbox.append(fresh)]);
    }
    await pending.settled(numberedId(3));
    for (const n of [1, 3]) await outbox.settleApplied(numberedId(n));
    await pending.rebuild(outbox);
    expect(await mine()).toEqual([
      { id: numberedId(2), description: 'report 2', sync_state: 'queued' },
      { id: numberedId(3), description: 'report 3', sync_state: 'synced' },
    ]);
    await outbox.close();
    await store.close();
    rmSync(dir, { recursive: true, force: true });
  });
});

describe('live queries', () => {
  it.each([
    ['the view named', 'SELECT count(*)::int AS n FROM incidents', ['incidents'], ['areas']],
    ['a quoted name', 'SELECT count(*)::int AS n FROM "public"."incidents" "x"', ['incidents'], ['areas']],
    [
      'what a CTE of another name reads',
      'WITH hot AS (SELECT FROM Incidents) SELECT count(*)::int AS n FROM hot, areas',
      ['incidents', 'areas'],
      ['comments'],
    ],
    ['an own view', 'SELECT count(*)::int AS n FROM areas, "Hot"', ['incidents', 'areas', 'comments'], []],
    ['an own function', 'SELECT hottest(0) AS n FROM areas', ['incidents', 'areas', 'comments'], []],
    ['a name in escapes', `SELECT count(*)::int AS n FROM U&"\\0069ncidents"`, ['incidents', 'areas'], []],
    ['nothing that is known', 'SELECT count(*)::int AS n FROM local.cursors', ['incidents', 'areas'], []],
  ])('run again only when what they read has changed: %s', async (_what, sql, again, not) => {
    await database.exec(`
      CREATE OR REPLACE VIEW "Hot" AS SELECT id FROM incidents WHERE severity > 3;
      CREATE OR REPLACE FUNCTION hottest(low int) RETURNS int LANGUAGE sql AS
        'SELECT count(*)::int FROM incidents WHERE severity > low'`);
    onTestFinished(() => void database.exec('DROP FUNCTION hottest; DROP VIEW IF EXISTS "Hot"'));
    let runs = 0;
    const faults: unknown[] = [];
    const ask = async (text: string) => (await database.query<Record<string, unknown>>(text)).rows;
    const queries = new LiveQueries(ask, (error) => faults.push(error));
    queries.add(
      sql,
      () => ask(sql),
      () => (runs += 1),
    );
    await eventually(() => runs === 1);
    for (const table of again) {
      const before = runs;
      queries.changed([table]);
      await eventually(() => runs === before + 1);
    }
    const before = runs;
    for (const table of not) queries.changed([table]);
    await ask('SELECT 1');
    await queries.close();
    expect({ runs, faults }).toEqual({ runs: before, faults: [] });
  });
});

describe('what an app asks of its views', () => {
  it('is found by an index that the catalogue declares', async () => {
    const { sinks: made } = await sinks(STOCKHOLM);
    await snapshot(
      made[0]!,
      Array.from({ length: 3_000 }, (_, n) => insert(n, '01')),
      1n,
    );
    await database.exec(`
      INSERT INTO local.cursors (subscription, shape, params, snapshot) VALUES ('comments', 'comments', '{}', 99);
      INSERT INTO synced.comments (id, incident_id, by_officer, body, created_at, _snapshot)
        SELECT gen_random_uuid(), gen_random_uuid(), false, '', now(), 99 FROM generate_series(1, 3000);
      UPDATE synced.incidents SET occurred_at = now() - random() * interval '300 days';
      ANALYZE synced.incidents; ANALYZE synced.comments`);
    const plan = async (sql: string) =>
      JSON.stringify((await database.query(`EXPLAIN (COSTS off, FORMAT json) ${sql}`)).rows);
    expect(await plan(`SELECT body FROM comments WHERE incident_id = '${numberedId(1)}'`)).toContain(
      'comments_incident_id_idx',
    );
    expect(
      await plan(
        `SELECT id FROM incidents WHERE occurred_at > now() - interval '1 day' ORDER BY occurred_at DESC`,
      ),
    ).toContain('incidents_occurred_at_idx');
    for (const { name, indexes = [] } of CATALOG.values()) {
      const { rows: there } = await database.query<{ indexdef: string }>(
        `SELECT indexdef FROM pg_indexes WHERE schemaname = 'synced' AND tablename = $1`,
        [name],
      );
      const definitions = there.map(({ indexdef }) => indexdef).join('\n');
      for (const columns of indexes) expect(definitions).toContain(`(${columns.join(', ')})`);
    }
  });
});

describe('a process that is killed while it applies', () => {
  it('invariant 7: rows and position agree whenever it dies, and it goes on from there', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'halo-crash-'));
    const random = Math.random;
    let reached = 0;
    for (let round = 0; round < 4; round += 1) {
      const child = startProcess('tests/integration/client-crash-child.ts', [dir], {});
      await child.waitFor(new RegExp(`applied ${reached + 3}\\b`));
      await new Promise((resolve) => setTimeout(resolve, random() * 60));
      await child.kill('SIGKILL');
      const store = nodeStore(dir);
      const replica = await store.openReplica('crash');
      await ensureSchema(replica);
      const { current } = await loadCursor(replica, STOCKHOLM);
      const { rows: counted } = await replica.query<{ n: number; highest: string }>(
        `SELECT count(*)::int AS n, max(severity)::text AS highest FROM incidents`,
      );
      const acknowledged = Number(/applied (\d+)\n[^]*$/.exec(lastLine(child.output()))?.[1] ?? 0);
      // The position says how many rows there must be: one a batch.
      expect(current?.position.offset).toBe(`${counted[0]!.n}_0`);
      expect(counted[0]!.n).toBeGreaterThanOrEqual(acknowledged);
      reached = counted[0]!.n;
      await replica.close();
      await store.close();
    }
    expect(reached).toBeGreaterThanOrEqual(12);
    rmSync(dir, { recursive: true, force: true });
  }, 240_000);
});

function lastLine(output: string): string {
  return `${output.trimEnd().split('\n').at(-1) ?? ''}\n`;
}
