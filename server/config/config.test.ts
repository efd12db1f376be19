import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { generateHybridIdentity, generateX25519Identity } from 'age-encryption';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from './config.ts';

const keys = [await generateX25519Identity(), await generateHybridIdentity()] as const;

/** With one letter other than it was, of those that keys are written in. */
function mistyped(key: string): string {
  return `${key.slice(0, -1)}${key.endsWith('Q') ? 'P' : 'Q'}`;
}

describe('configuration', () => {
  it('has a default for everything', () => {
    expect(loadConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      databaseUrl: undefined,
      polisenFeedUrl: 'https://polisen.se/api/events',
      maxInitialReads: 2_000,
      maxLiveReads: 15_000,
      logMaxAgeMs: 30 * 24 * 3_600_000,
      logMaxBytes: 1024 * 1024 * 1024,
      electric: undefined,
      areaFiles: [],
      registration: 'open',
      rateLimit: 'memory',
      corsOrigins: [],
      proxies: 0,
      alertPlaces: { publicUrl: undefined, runbookUrl: undefined },
    });
  });

  it('takes where alerts lead people, with the slash that browsers put behind a host', () => {
    const { alertPlaces } = loadConfig({
      HALO_PUBLIC_URL: 'https://Halo.example:8443/',
      HALO_RUNBOOK_URL: 'https://docs.example/halo/runbook?plain=1',
    });
    expect(alertPlaces).toEqual({
      publicUrl: 'https://halo.example:8443',
      runbookUrl: 'https://docs.example/halo/runbook?plain=1',
    });
  });

  it('takes an empty variable as unset, and off as no feed', () => {
    expect(loadConfig({ PORT: '', POLISEN_FEED_URL: 'off' })).toMatchObject({
      port: 3000,
      polisenFeedUrl: undefined,
    });
  });

  it('takes several files of areas, wherever it was started', () => {
    const { areaFiles } = loadConfig({ HALO_AREAS: 'a.geojson, /data/b.geojson' });
    expect(areaFiles).toEqual([resolve('a.geojson'), '/data/b.geojson']);
  });

  it('takes the server behind the named shapes with its secret', () => {
    const { electric } = loadConfig({
      ELECTRIC_URL: 'https://shapes.example/base?source_id=1',
      ELECTRIC_SECRET: 's',
    });
    expect(electric).toEqual({ url: new URL('https://shapes.example/base?source_id=1'), secret: 's' });
  });

  it('takes secrets from files, without the line end that editors leave', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'halo-config-'));
    onTestFinished(() => rm(dir, { recursive: true }));
    const file = join(dir, 'secret');
    await writeFile(file, 'a secret of some length\n');
    expect(loadConfig({ HALO_SHAPE_SECRET_FILE: file }).shapeSecret).toBe('a secret of some length');
    // What is no secret has no file, and nothing is given twice.
    expect(loadConfig({ PORT_FILE: file }).port).toBe(3000);
    const twice = { HALO_SHAPE_SECRET_FILE: file, HALO_SHAPE_SECRET: 'another secret of length' };
    expect(() => loadConfig(twice)).toThrowError(expect.objectContaining({ field: 'HALO_SHAPE_SECRET' }));
  });

  it('takes a device for no secret, as compose mounts it, and refuses an empty file', async () => {
    expect(loadConfig({ HALO_BACKUP_KEY_FILE: '/dev/null' }).backups.key).toBeUndefined();
    const given = { HALO_SHAPE_SECRET_FILE: '/dev/null', HALO_SHAPE_SECRET: 'another secret of length' };
    expect(loadConfig(given).shapeSecret).toBe('another secret of length');
    const dir = await mkdtemp(join(tmpdir(), 'halo-config-'));
    onTestFinished(() => rm(dir, { recursive: true }));
    const file = join(dir, 'secret');
    await writeFile(file, '\n');
    expect(() => loadConfig({ HALO_BACKUP_KEY_FILE: file })).toThrowError(
      expect.objectContaining({ code: 'config_invalid', field: 'HALO_BACKUP_KEY' }),
    );
  });

  it('takes the place of backups: a directory, or a bucket with both of its keys', () => {
    const bucket = {
      HALO_BACKUP_S3: 'https://storage.example/city/halo/',
      HALO_BACKUP_S3_ACCESS_KEY: 'a',
      HALO_BACKUP_S3_SECRET_KEY: 'b',
    };
    expect(loadConfig({ HALO_DATA_DIR: 'd' }).backups).toMatchObject({
      place: { kind: 'directory', dir: resolve('d/backups') },
      method: 'auto',
      verify: true,
    });
    expect(loadConfig({ HALO_BACKUP_DIR: 'off' }).backups.place).toBeUndefined();
    expect(loadConfig({ ...bucket, HALO_BACKUP_DIR: 'off' }).backups.place).toMatchObject({ kind: 's3' });
    expect(loadConfig({ HALO_BACKUP_DIR: 'b' }).backups.place).toEqual({
      kind: 'directory',
      dir: resolve('b'),
    });
    expect(loadConfig(bucket).backups.place).toEqual({
      kind: 's3',
      endpoint: 'https://storage.example',
      bucket: 'city',
      prefix: 'halo/',
      region: 'us-east-1',
      accessKey: 'a',
      secretKey: 'b',
    });
    const both = { ...bucket, HALO_BACKUP_DIR: 'b' };
    expect(() => loadConfig(both)).toThrowError(expect.objectContaining({ field: 'HALO_BACKUP_S3' }));
    const keyless = { ...bucket, HALO_BACKUP_S3_SECRET_KEY: '' };
    expect(() => loadConfig(keyless)).toThrowError(
      expect.objectContaining({ field: 'HALO_BACKUP_S3_SECRET_KEY' }),
    );
  });

  it('takes a key of either kind for backups', async () => {
    for (const key of keys) expect(loadConfig({ HALO_BACKUP_KEY: key }).backups.key).toBe(key);
  });

  it('counts in Postgres where others may count too', () => {
    const url = 'postgres://localhost/halo';
    expect(loadConfig({ DATABASE_URL: url }).rateLimit).toBe('shared');
    expect(loadConfig({ DATABASE_URL: url, HALO_RATE_LIMIT: 'memory' }).rateLimit).toBe('memory');
    expect(loadConfig({ HALO_RATE_LIMIT: 'off' }).rateLimit).toBe('off');
  });

  it('takes origins as browsers send them', () => {
    const origins = 'https://app.example, http://localhost:5173';
    expect(loadConfig({ HALO_CORS_ORIGINS: origins }).corsOrigins).toEqual([
      'https://app.example',
      'http://localhost:5173',
    ]);
  });

  it.each([
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['DATABASE_URL', 'mysql://localhost/halo'],
    ['HALO_ADMIN_PASSWORD', 'short'],
    ['HALO_ADMIN_EMAIL', 'nobody'],
    ['POLISEN_FEED_URL', 'ftp://example.org'],
    ['POLISEN_SCHEDULE', 'every day'],
    ['HALO_AREAS', 'a.geojson,,b.geojson'],
    ['HALO_MAX_INITIAL_READS', '0'],
    ['HALO_MAX_LIVE_READS', 'many'],
    ['HALO_LOG_DAYS', '-1'],
    ['HALO_LOG_MIB', '1 GB'],
    ['HALO_SHAPE_DELETION', 'maybe'],
    ['HALO_SHAPE_DELETION', 'on'],
    ['ELECTRIC_URL', 'electric:3000'],
    ['ELECTRIC_URL', 'http://user:password@electric:3000'],
    ['ELECTRIC_SECRET', 'without ELECTRIC_URL'],
    ['HALO_REGISTRATION', 'shut'],
    ['HALO_RATE_LIMIT', 'sometimes'],
    ['HALO_CORS_ORIGINS', '*'],
    ['HALO_CORS_ORIGINS', 'https://app.example/'],
    ['HALO_CORS_ORIGINS', 'app.example'],
    ['HALO_TRUSTED_PROXIES', 'many'],
    ['HALO_SHAPE_SECRET_FILE', '/nowhere/at/all'],
    ['HALO_METRICS_TOKEN', 'too short'],
    ['HALO_ALERT_WEBHOOK', 'mail@halo.example'],
    ['HALO_ALERT_FORMAT', 'xml'],
    ['HALO_PUBLIC_URL', 'halo.example'],
    ['HALO_PUBLIC_URL', 'ftp://halo.example'],
    ['HALO_PUBLIC_URL', 'https://me:secret@halo.example'],
    ['HALO_PUBLIC_URL', 'https://halo.example/under'],
    ['HALO_PUBLIC_URL', 'https://halo.example/?a=b'],
    ['HALO_PUBLIC_URL', 'https://halo.example/#console'],
    ['HALO_RUNBOOK_URL', 'docs/runbook.md'],
    ['HALO_RUNBOOK_URL', 'https://me:secret@docs.example'],
    ['HALO_RUNBOOK_URL', 'https://docs.example/runbook#'],
    ['SENTRY_DSN', 'https://halo.example'],
    ['HALO_BACKUP_S3', 'https://storage.example'],
    ['HALO_BACKUP_S3_ACCESS_KEY', 'without a bucket'],
    ['HALO_BACKUP_KEY', 'a passphrase'],
    ['HALO_BACKUP_KEY', `${keys[0]} a passphrase`],
    ['HALO_BACKUP_KEY', `${keys[0]} ${mistyped(keys[1])}`],
    ['HALO_BACKUP_KEY', mistyped(keys[0])],
    ['HALO_BACKUP_KEY', mistyped(keys[1])],
    ['HALO_BACKUP_SCHEDULE', 'nightly'],
    ['HALO_BACKUP_METHOD', 'tar'],
    ['LOG_LEVEL', 'loud'],
  ])('refuses a wrong %s by name', (name, value) => {
    expect(() => loadConfig({ [name]: value })).toThrowError(
      expect.objectContaining({ code: 'config_invalid', field: name.replace(/_FILE$/, '') }),
    );
  });

  it('takes former keys of backups behind the present one', () => {
    const several = keys.join('\n');
    expect(loadConfig({ HALO_BACKUP_KEY: several }).backups.key).toBe(several);
  });
});
