import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from './config.ts';

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
      rateLimit: true,
      proxies: 0,
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
    ['HALO_RATE_LIMIT', 'sometimes'],
    ['HALO_PROXIES', 'many'],
    ['LOG_LEVEL', 'loud'],
  ])('refuses a wrong %s by name', (name, value) => {
    expect(() => loadConfig({ [name]: value })).toThrowError(
      expect.objectContaining({ code: 'config_invalid', field: name }),
    );
  });
});
