import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { createPool } from '../../server/db/pool.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

it('logs an idle connection that broke without what it was opened with, and one that broke while it was closed not at all', async () => {
  const { url, pool: other } = await useTestDatabase();
  let lines = '';
  const destination = new Writable({
    write(chunk: Buffer, _, done) {
      lines += chunk.toString();
      done();
    },
  });
  const pool = createPool(url, 1, createLogger('warn', destination));
  const pidOf = async () =>
    (await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]!.pid;
  await other.query('SELECT pg_terminate_backend($1)', [await pidOf()]);
  await eventually(() => expect(lines).toContain('an idle connection broke'));
  const [line] = lines.trim().split('\n');
  expect(JSON.parse(line!)).toMatchObject({ component: 'db', err: { code: '57P01' } });
  expect(line).not.toMatch(/secretKey|connectionParameters/);
  lines = '';
  const pid = await pidOf();
  await Promise.all([pool.end(), other.query('SELECT pg_terminate_backend($1)', [pid])]);
  expect(lines).toBe('');
});
