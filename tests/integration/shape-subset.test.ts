import { ShapeStream, isChangeMessage } from '@electric-sql/client';
import { expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startServerProcess, stopServerProcess } from '../support/server.ts';

const SECRET = 'a secret of the tests';

async function start() {
  const { url: databaseUrl, pool } = await useTestDatabase();
  await pool.query(`
    CREATE TABLE notes (id int PRIMARY KEY, kind text, n int);
    INSERT INTO notes SELECT i, CASE WHEN i % 2 = 0 THEN 'even' ELSE 'odd' END, i * 10 FROM generate_series(1, 20) i`);
  const server = await startServerProcess(databaseUrl, { env: { HALO_SHAPE_SECRET: SECRET } });
  onTestFinished(() => stopServerProcess(server));
  return { pool, url: `${server.url}/v1/shape` };
}

it('invariant 5: Electric’s own client loads parts of a shape as it goes, and their changes reach it once', async () => {
  const { pool, url } = await start();
  const open = await pool.connect();
  const stopping = new AbortController();
  onTestFinished(() => stopping.abort());
  const rows = new Map<string, unknown>();
  const faults: string[] = [];
  const stream = new ShapeStream({
    url,
    log: 'changes_only',
    params: { table: 'notes', where: `kind = 'even'`, secret: SECRET },
    signal: stopping.signal,
    onError: (error) => void faults.push(String(error)),
  });
  let isUpToDate = false;
  stream.subscribe((messages) => {
    for (const message of messages) {
      if (!isChangeMessage(message)) {
        if (message.headers.control === 'up-to-date') isUpToDate = true;
        continue;
      }
      const { id, n } = message.value as { id: number; n: number };
      const { operation } = message.headers;
      if (operation === 'insert' && rows.has(message.key)) faults.push(`${id} came twice`);
      if (operation === 'delete') rows.delete(message.key);
      else if (operation === 'insert' || rows.has(message.key)) rows.set(message.key, n);
    }
  });
  await eventually(() => expect(isUpToDate).toBe(true));
  await open.query('BEGIN');
  await open.query('UPDATE notes SET n = 0 WHERE id = 2');
  await pool.query('INSERT INTO notes VALUES (30, $1, 300)', ['even']);
  await stream.requestSnapshot({ where: 'n >= $1', params: { '1': '20' }, orderBy: 'id desc', limit: 30 });
  await open.query('COMMIT');
  open.release();
  await pool.query('UPDATE notes SET n = n + 1 WHERE id IN (4, 30)');
  await pool.query('DELETE FROM notes WHERE id = 6');
  const truth = await pool.query<{ n: number }>(`SELECT n FROM notes WHERE kind = 'even' ORDER BY n`);
  await eventually(() =>
    expect([...rows.values()].map(Number).toSorted((a, b) => a - b)).toEqual(truth.rows.map(({ n }) => n)),
  );
  expect(faults).toEqual([]);
});

it('answers a subset by GET and POST as one snapshot sees it, and refuses what is no subset', async () => {
  const { url } = await start();
  const shape = { table: 'notes', log: 'changes_only', offset: 'now', secret: SECRET };
  const get = (subset: Record<string, string>) =>
    fetch(`${url}?${new URLSearchParams({ ...shape, ...subset }).toString()}`);
  const post = (subset: object) =>
    fetch(`${url}?${new URLSearchParams(shape).toString()}`, {
      method: 'POST',
      body: JSON.stringify({ subset }),
    });
  const wanted = { where: `kind = 'odd'`, order_by: 'n desc', limit: '2', offset: '1' };
  const prefixed = Object.fromEntries(
    Object.entries(wanted).map(([name, value]) => [`subset__${name}`, value]),
  );
  for (const answer of [await get(prefixed), await post(wanted)]) {
    expect(answer.headers.get('electric-snapshot')).toBe('true');
    const { metadata, data } = (await answer.json()) as {
      metadata: { xmin: string; database_lsn: string };
      data: readonly object[];
    };
    expect(metadata.xmin).toMatch(/^\d+$/);
    expect(metadata.database_lsn).toMatch(/^\d+$/);
    expect(data).toMatchObject([{ value: { id: '17' } }, { value: { id: '15' } }]);
  }
  for (const wrong of [
    { where: 'true) OR (true' },
    { where: '1 = 1; DROP TABLE notes' },
    { order_by: 'n; DROP TABLE notes' },
    { order_by: 'n', limit: '1; SELECT 1' },
    { order_by: 'n', limit: '0' },
    { order_by: 'n', offset: '-1' },
    { limit: '1' },
    { where: 'id = $1', params: { '2': '1' } },
  ]) {
    const answer = await post(wrong);
    expect(answer.status, JSON.stringify(wrong)).toBe(400);
    expect(await answer.json()).toHaveProperty('errors.subset');
  }
  const quoted = await post({ where: 'kind = $1', params: { '1': `x' OR 'a' = 'a` } });
  expect(await quoted.json()).toMatchObject({ data: [] });
});
