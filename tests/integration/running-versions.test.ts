import { expect, it, onTestFinished } from 'vitest';
import { runningVersions } from '../../server/inspector/instances.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startServerProcess, stopServerProcess } from '../support/server.ts';

it('an instance that is ready tells which versions run on its database, and forgets those that are gone', async () => {
  const database = await useTestDatabase();
  const { pool } = database;
  const server = await startServerProcess(database.url);
  onTestFinished(() => stopServerProcess(server));
  const { version } = (await (await fetch(`${server.url}/health`)).json()) as { version: string };
  await pool.query(
    `INSERT INTO instance_status (instance, reported_at, report)
     VALUES ('older', now() + interval '10 minutes', '{"version": "0.0.9"}'), ('gone', now() - interval '20 seconds', '{"version": "0.0.8"}'),
            ('silent', now(), '{}')`,
  );
  expect(await runningVersions(pool, 'own')).toEqual(expect.arrayContaining(['0.0.9', 'own']));
  const ready = { status: 'ready', versions: ['0.0.9', version] };
  await eventually(async () =>
    expect(await (await fetch(`${server.url}/ready`)).json()).toMatchObject(ready),
  );
});
