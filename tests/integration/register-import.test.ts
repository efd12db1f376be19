import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { createClosers } from '../../server/compose/closers.ts';
import { loadConfig } from '../../server/config/config.ts';
import { takeAdvisoryLocks } from '../../server/db/advisory-locks.ts';
import { inTransaction } from '../../server/db/transaction.ts';
import { readArguments } from '../../server/import/arguments.ts';
import { runImport } from '../../server/import/run.ts';
import { createLeases } from '../../server/jobs/lease.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { createReportWriter } from '../../server/reports/report-writer.ts';
import { age } from '../../server/reports/ageing-job.ts';
import { writeEnd } from '../../server/reports/transition-store.ts';
import { incidents } from '@halo/shapes/catalog/incidents.ts';
import { incidentReports } from '@halo/shapes/catalog/incident-reports.ts';
import { uuidv7 } from 'uuidv7';
import { useTestDatabase } from '../support/database.ts';
import { addUsers } from './mutations-support.ts';

const logger = createLogger('silent');
const HEADER = 'id,occurred_at,lat,lon,category,coded_month';
const entry = (n: number, minutes = n % 60, category = 'burglary') =>
  `c-${n},2015-01-01T10:${String(minutes).padStart(2, '0')}:00-06:00,38.6${n % 10},-90.2,${category},2015-01`;

/** A database, a folder, and the command in them. */
async function useImport(settings: Readonly<Record<string, string>> = {}) {
  const { pool, url } = await useTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'halo-import-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const config = loadConfig({ DATABASE_URL: url, ...settings });
  const rejects = join(folder, 'rejects.csv');
  return {
    pool,
    url,
    rejects,
    write(name: string, contents: string | Buffer) {
      writeFileSync(join(folder, name), contents);
      return join(folder, name);
    },
    /** Runs the command; resolves with whether it came to its end, and with what it wrote. */
    async run(args: readonly string[], signal = new AbortController().signal, onOutput = (_: string) => {}) {
      const options = readArguments(['--rejects', rejects, ...args])!;
      const closers = createClosers(logger);
      let text = '';
      const output = {
        write(piece: string) {
          text += piece;
          onOutput(piece);
        },
      };
      try {
        return { isWhole: await runImport(options, config, logger, closers, output, signal), text };
      } finally {
        await closers.closeAll();
      }
    },
    async state() {
      const { rows } = await pool.query(
        `SELECT i.source_id, i.version, i.payload ->> 'category' AS category, r.type, r.source, r.register, r.known_at,
           r.accuracy_m, r.incident_id, r.occurred_at, (SELECT count(*)::int FROM feed_item_versions v WHERE v.feed_item_id = i.id) AS versions
         FROM feed_items i JOIN reports r ON r.id = i.report_id ORDER BY i.source_id`,
      );
      return rows as Record<string, unknown>[];
    },
  };
}

it('makes an official report of each entry, never two of them one incident, and changes nothing the second time', async () => {
  const { run, write, state, pool } = await useImport();
  // The same place, minute and type: two cases all the same.
  const file = write('city.csv.gz', gzipSync([HEADER, entry(1), entry(2), entry(11, 1)].join('\n')));
  expect((await run([file, '--source', 'city'])).text).toMatch(/^3 rows .* 3 added, 0 changed/);
  const first = await state();
  expect(first).toHaveLength(3);
  expect(first[0]).toMatchObject({
    source_id: 'c-1',
    version: 1,
    type: 'burglary',
    source: 'official',
    register: 'city',
    known_at: new Date('2015-02-01T12:00:00Z'),
    accuracy_m: 100,
  });
  expect(new Set(first.map((row) => row['incident_id'])).size).toBe(3);
  expect((await run([file, '--source', 'city'])).text).toMatch(/ 0 added, 0 changed, 3 there already/);
  expect(await state()).toEqual(first);
  const { rows } = await pool.query(
    'SELECT feed, outcome, reason, items, items_new FROM feed_polls ORDER BY started_at',
  );
  expect(rows).toEqual([
    { feed: 'city', outcome: 'applied', reason: null, items: 3, items_new: 3 },
    { feed: 'city', outcome: 'unchanged', reason: null, items: 3, items_new: 0 },
  ]);
});

it('makes a version of an entry that has changed, and reads entries anew under other options', async () => {
  const { run, write, state } = await useImport();
  await run([write('a.csv', [HEADER, entry(1), entry(2)].join('\n')), '--source', 'city']);
  const changed = write('b.csv', [HEADER, entry(1, 1, 'robbery'), entry(2)].join('\n'));
  expect((await run([changed, '--source', 'city'])).text).toMatch(/ 0 added, 1 changed, 1 there already/);
  expect(await state()).toMatchObject([
    { source_id: 'c-1', version: 2, versions: 2, type: 'robbery' },
    { source_id: 'c-2', version: 1, versions: 1 },
  ]);
  expect((await run([changed, '--source', 'city', '--accuracy-m', '50'])).text).toMatch(
    / 0 added, 2 changed/,
  );
  expect(await state()).toMatchObject([
    { version: 2, versions: 2, accuracy_m: 50 },
    { version: 1, versions: 1, accuracy_m: 50 },
  ]);
});

it('links an entry with what a person saw', async () => {
  const { run, write, pool } = await useImport();
  const [reporterId = null] = await addUsers(pool, 1);
  const writer = createReportWriter({ newId: uuidv7 });
  const place = {
    lat: 38.61,
    lon: -90.2,
    accuracyM: 10,
    precision: 'point',
    region: null,
    municipality: null,
    district: null,
    areaBasis: null,
  } as const;
  await inTransaction(pool, async (tx) => {
    await takeAdvisoryLocks(tx, writer.locks(place));
    await writer.record(tx, {
      id: uuidv7(),
      source: 'user',
      reporterId,
      deviceId: null,
      type: 'burglary',
      rawType: null,
      severity: 3,
      occurredAt: new Date('2015-01-01T16:03:00Z'),
      claimedAt: null,
      clockSuspect: false,
      description: '',
      place,
      register: null,
      knownAt: null,
    });
  });
  await run([write('a.csv', [HEADER, entry(1), entry(2)].join('\n')), '--source', 'city']);
  const { rows } = await pool.query(
    `SELECT report_count, official, verification FROM incidents WHERE status <> 'merged' ORDER BY report_count`,
  );
  expect(rows).toEqual([
    { report_count: 1, official: true, verification: 'verified' },
    { report_count: 2, official: true, verification: 'verified' },
  ]);
});

it('is history where it tells of long ago: closed, and on no device, until an officer opens it again', async () => {
  const { run, write, pool } = await useImport();
  const recent = new Date(Date.now() - 86_400_000).toISOString();
  const rows = ['old,2015-01-01T10:00:00+01:00,59.33,18.06,burglary', `new,${recent},59.33,18.06,burglary`];
  await run([write('a.csv', ['id,occurred_at,lat,lon,category', ...rows].join('\n')), '--source', 'city']);
  const shown = async () => {
    const ids: string[] = [];
    for (const { table, where } of [incidents, incidentReports]) {
      const id = table === 'incidents' ? 'id' : 'incident_id';
      const found = await pool.query<{ id: string }>(`SELECT ${id} AS id FROM ${table} WHERE ${where}`, [
        '01',
      ]);
      ids.push(
        found.rows
          .map((row) => row.id)
          .toSorted()
          .join(),
      );
    }
    return ids;
  };
  const all = async () =>
    (
      await pool.query<{ id: string; status: string; past: boolean }>(
        'SELECT id, status, past FROM incidents ORDER BY occurred_at',
      )
    ).rows;
  const [old, fresh] = await all();
  expect([old, fresh]).toMatchObject([
    { status: 'closed', past: true },
    { status: 'open', past: false },
  ]);
  expect(await shown()).toEqual([fresh!.id, fresh!.id]);
  expect((await pool.query('SELECT FROM incident_transitions')).rowCount).toBe(0);

  // What grows old on the way is closed, too, and its history says so.
  const signal = new AbortController().signal;
  expect(await age(pool, new Date(), signal)).toBe(0);
  const later = new Date(Date.now() + 100 * 86_400_000);
  expect(await age(pool, later, signal)).toBe(1);
  expect(await all()).toMatchObject([
    { status: 'closed', past: true },
    { status: 'closed', past: true },
  ]);
  expect(await shown()).toEqual(['', '']);
  const { rows: history } = await pool.query(
    'SELECT incident_id, from_state, to_state, past FROM incident_transitions',
  );
  expect(history).toEqual([{ incident_id: fresh!.id, from_state: 'open', to_state: 'closed', past: true }]);

  // An officer's word stands, whatever is aged or read again.
  await inTransaction(pool, (tx) => writeEnd(tx, old!.id, false));
  expect(await age(pool, later, signal)).toBe(0);
  await run([
    write('b.csv', ['id,occurred_at,lat,lon,category', rows[0]!.replace('burglary', 'robbery')].join('\n')),
    '--source',
    'city',
  ]);
  expect(await all()).toMatchObject([
    { status: 'open', past: false },
    { status: 'closed', past: true },
  ]);
  expect((await pool.query('SELECT FROM incident_transitions')).rowCount).toBe(1);
});

it('places entries by the outlines that the server has, and leaves the areas as these name them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'halo-areas-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const ring = [
    [18, 59.2],
    [18.2, 59.2],
    [18.2, 59.5],
    [18, 59.5],
    [18, 59.2],
  ];
  const areas = join(folder, 'areas.geojson');
  const properties = { code: '0180', name: 'Den kungliga huvudstaden', kind: 'municipality' };
  const geometry = { type: 'Polygon', coordinates: [ring] };
  writeFileSync(
    areas,
    JSON.stringify({ type: 'FeatureCollection', features: [{ type: 'Feature', properties, geometry }] }),
  );
  const { run, write, pool } = await useImport({ HALO_AREAS: areas });
  await run([
    write('a.csv', [HEADER, 'c-1,2015-01-01T10:00:00+01:00,59.33,18.06,burglary,2015-01'].join('\n')),
    '--source',
    'city',
  ]);
  const { rows } = await pool.query('SELECT area_basis, name FROM reports JOIN areas ON code = municipality');
  expect(rows).toEqual([{ area_basis: 'polygon', name: 'Den kungliga huvudstaden' }]);
});

it('writes down every row that cannot be used and why, and takes it from there once it is mended', async () => {
  const { run, write, state, rejects } = await useImport();
  const rows = [
    HEADER,
    entry(1),
    entry(2).replace('-90.2', '"-90,2"'),
    'c-3,short',
    entry(1, 5),
    entry(4, 4, 'loitering'),
  ];
  const { text } = await run([write('a.csv', rows.join('\n')), '--source', 'city']);
  expect(text).toMatch(/^5 rows .* 2 added, 0 changed, 0 there already, 3 rejected/);
  expect(text).toContain('1 rows have a type that the taxonomy lacks');
  const written = readFileSync(rejects, 'utf8');
  expect(written).toBe(
    `line,reason,${HEADER}\n` +
      `3,position_unreadable,${rows[2]}\n4,row_malformed,c-3,short\n5,id_repeated,${rows[4]}\n`,
  );
  const mended = write('mended.csv', written.replace('"-90,2"', '-90.2'));
  expect((await run([mended, '--source', 'city', '--rejects', `${rejects}2`])).text).toMatch(
    / 1 added, 1 changed/,
  );
  expect((await state()).map((row) => row['source_id'])).toEqual(['c-1', 'c-2', 'c-4']);
  await run([write('good.csv', [HEADER, entry(7)].join('\n')), '--source', 'city']);
  expect(existsSync(rejects)).toBe(false);
});

it('ends where it is interrupted, and goes on where it was', async () => {
  const { run, write, state, pool } = await useImport();
  const rows = Array.from({ length: 1_800 }, (_, n) => entry(n));
  const file = write('a.csv', [HEADER, ...rows].join('\n'));
  const controller = new AbortController();
  // The first of the four batches waits for a lock that is held here, until it is told to end.
  const gate = await pool.connect();
  await gate.query('BEGIN; LOCK TABLE feed_items IN SHARE MODE');
  const running = run([file, '--source', 'city'], controller.signal);
  setTimeout(() => controller.abort(new Error('interrupted')), 300);
  controller.signal.addEventListener('abort', () => void gate.query('COMMIT').then(() => gate.release()));
  const { isWhole, text } = await running;
  expect(isWhole).toBe(false);
  expect(text).toContain('Give the same command again');
  const there = (await state()).length;
  expect(there).toBeLessThan(1_800);
  expect((await run([file, '--source', 'city'])).text).toMatch(
    new RegExp(
      `1,800 rows .* ${(1_800 - there).toLocaleString('en')} added, 0 changed, ${there.toLocaleString('en')} there`,
    ),
  );
  expect(await state()).toHaveLength(1_800);
  const { rows: polls } = await pool.query('SELECT outcome, reason FROM feed_polls ORDER BY started_at');
  expect(polls).toEqual([
    { outcome: 'failed', reason: 'interrupted' },
    { outcome: 'applied', reason: null },
  ]);
});

it('refuses at once what cannot be meant, and touches nothing', async () => {
  const { run, write, url, state } = await useImport();
  const file = write('a.csv', [HEADER, entry(1)].join('\n'));
  const withoutZone = write('b.csv', [HEADER, entry(1).replace('-06:00', '')].join('\n'));
  const cases: [string, string[]][] = [
    ['import_usage', [file]],
    ['import_usage', [file, '--source', 'polisen']],
    ['import_usage', [file, '--source', 'city', '--timezone', 'Mars/Olympus']],
    ['import_usage', [file, '--source', 'city', '--rejects', file]],
    ['import_file_unreadable', [`${file}.not`, '--source', 'city']],
    ['import_columns_missing', [write('c.csv', 'a,b\n1,2\n'), '--source', 'city']],
    ['import_rejects_taken', [file, '--source', 'city', '--rejects', write('d.csv', 'mine')]],
    ['import_no_row_usable', [withoutZone, '--source', 'city']],
    ['import_not_utf8', [write('e.csv', Buffer.from(`${HEADER}\nå`, 'latin1')), '--source', 'city']],
    [
      'import_file_damaged',
      [write('f.csv.gz', gzipSync(rowsOfText()).subarray(0, 2_000)), '--source', 'city'],
    ],
  ];
  for (const [code, args] of cases) {
    await expect(run(args), code).rejects.toMatchObject({ code });
  }
  const lease = await createLeases({ databaseUrl: url, logger }).tryAcquire('import city');
  await expect(run([file, '--source', 'city'])).rejects.toMatchObject({ code: 'import_running' });
  await lease?.release();
  expect(await state()).toEqual([]);
  expect((await run([withoutZone, '--source', 'city', '--timezone', 'America/Chicago'])).text).toContain(
    ' 1 added',
  );
  expect(await state()).toMatchObject([{ occurred_at: new Date('2015-01-01T16:01:00Z') }]);
});

it('reads GeoJSON', async () => {
  const { run, write, state } = await useImport();
  const features = [1, 2].map((n) => ({
    type: 'Feature',
    id: n,
    geometry: { type: 'Point', coordinates: [-90.2, 38.6] },
    properties: { when: '2015-01-01T10:00:00Z', type: 'Arson' },
  }));
  const file = write('a.geojson.gz', gzipSync(JSON.stringify({ type: 'FeatureCollection', features })));
  await run([file, '--source', 'fires', '--map', 'when=occurred_at']);
  expect(await state()).toMatchObject([
    { source_id: '1', type: 'arson' },
    { source_id: '2', type: 'arson' },
  ]);
});

function rowsOfText(): string {
  return [HEADER, ...Array.from({ length: 3_000 }, (_, n) => entry(n, (n * 7) % 60))].join('\n');
}
