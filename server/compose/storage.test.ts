import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../config/config.ts';
import { createLogger } from '../platform/logger.ts';
import { createClosers } from './closers.ts';
import { openStorage } from './storage.ts';

it('a wrong file of areas ends the start before anything is opened or written', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'halo-storage-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const dataDir = join(dir, 'data');
  const config = loadConfig({ HALO_DATA_DIR: dataDir, HALO_AREAS: join(dir, 'missing.geojson') });
  const logger = createLogger('silent');
  const opened = openStorage(config, logger, createClosers(logger));
  await expect(opened).rejects.toMatchObject({ code: 'areas_invalid', field: 'HALO_AREAS' });
  expect(existsSync(dataDir)).toBe(false);
});
