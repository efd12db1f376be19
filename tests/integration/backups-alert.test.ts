import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runBackup } from '../../server/backup/backup.ts';
import { createClosers } from '../../server/compose/closers.ts';
import { startServer } from '../../server/compose/server.ts';
import { loadConfig } from '../../server/config/config.ts';
import { ALERT_KINDS } from '../../server/operations/alerts/alert.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { useAlertReceiver } from '../support/alert-receiver.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

const log = createLogger('silent');
const AT_ONCE = { raiseAfterMs: 0, clearAfterMs: 0 };
const kinds = Object.fromEntries(
  Object.entries(ALERT_KINDS).map(([name, kind]) => [name, { ...kind, ...AT_ONCE }]),
) as typeof ALERT_KINDS;

it('tells once that backups cannot be written, and once that one could', async () => {
  const database = await useTestDatabase();
  const receiver = await useAlertReceiver();
  const dir = mkdtempSync(join(tmpdir(), 'halo-backups-alert-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  // A file where a directory should be: not even root can write there.
  writeFileSync(join(dir, 'place'), '');
  const config = loadConfig({
    DATABASE_URL: database.url,
    HALO_DATA_DIR: join(dir, 'data'),
    HALO_BACKUP_DIR: join(dir, 'place', 'backups'),
    HALO_BACKUP_SCHEDULE: '0 0 1 1 *',
    HALO_ALERT_WEBHOOK: receiver.url,
    HALO_ALERT_FORMAT: 'json',
    HALO_PUBLIC_URL: 'https://halo.example',
    HALO_RUNBOOK_URL: 'https://docs.example/runbook',
    POLISEN_FEED_URL: 'off',
    PORT: '0',
  });
  const alerts = { pace: { everyMs: 100, quietMs: 0 }, kinds };
  const server = await startServer(config, log, () => {}, { alerts });
  onTestFinished(() => server.stop());
  // None was ever taken, so one is at the start.
  const ofBackups = () => receiver.events().filter((event) => event.includes('backup'));
  await eventually(() => expect(ofBackups()).toEqual(['raised backup_failed backup']), { withinMs: 60_000 });
  const raised = receiver.taken.find(({ alert }) => alert === 'backup_failed');
  expect(raised).toMatchObject({
    severity: 'critical',
    what: expect.stringMatching(/failed \(backup_place_unwritable\); none went well before/) as string,
    runbook: 'https://docs.example/runbook#backup_failed',
    url: `https://halo.example/console/alerts/${String(raised?.['id'])}`,
  });

  rmSync(join(dir, 'place'));
  const closers = createClosers(log);
  onTestFinished(() => closers.closeAll());
  const said: string[] = [];
  await runBackup(
    { do: 'take', to: undefined },
    {
      config: { ...config, backups: { ...config.backups, method: 'copy' } },
      logger: log,
      closers,
      signal: new AbortController().signal,
      say: (text) => void said.push(text),
    },
  );
  expect(JSON.parse(said.join(''))).toMatchObject({ method: 'copy', removed: 0 });
  expect(readdirSync(join(dir, 'place', 'backups'))).toHaveLength(2);
  const both = ['raised backup_failed backup', 'cleared backup_failed backup'];
  await eventually(() => expect(ofBackups()).toEqual(both), { withinMs: 60_000 });
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(ofBackups()).toEqual(both);
});
