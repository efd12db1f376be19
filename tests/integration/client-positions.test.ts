import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cellToLatLng, latLngToCell } from 'h3-js';
import { expect, it } from 'vitest';
import { FORECAST_CELLS, WATCHED_PLACES } from '@halo/client';
import type { Halo, PositionSource, PositionWatchOptions, RiskNotice, SourcePosition } from '@halo/client';
import { eventually } from '../support/eventually.ts';
import { SHAPES, useClients } from './client-fixtures.ts';
import { incidentRow, numberedId, predictionRow } from './client-samples.ts';

const clients = useClients();
const INCIDENTS = 'incidents?region=01';
const HOME = { lat: 59.33, lon: 18.06, accuracyM: 10 };
const AWAY = { lat: 59.4, lon: 18.06, accuracyM: 10 };

const FORECASTS = { name: 'predictions', params: { region: '01' } };

const device = (shapes = SHAPES) => clients.device({ shapes: [...shapes, { name: 'my_watches' }] });

/** Watches positions that the test gives. */
function watch(halo: Halo, options: PositionWatchOptions = {}) {
  const notices: RiskNotice[] = [];
  const errors: unknown[] = [];
  let tell: (position: SourcePosition) => void = () => {};
  let isOn = true;
  const source: PositionSource = (given) => {
    tell = given;
    return () => void (isOn = false);
  };
  const onError = (error: unknown) => void errors.push(error);
  halo.watchPosition(source, (notice) => notices.push(notice), { onError, coolDownMs: 60_000, ...options });
  return { notices, errors, tell: (position: SourcePosition) => tell(position), isOn: () => isOn };
}

/** An incident at the watched place, `hours` old. */
const incident = (n: number, hours: number, changes: Record<string, string> = {}) => {
  const at = new Date(Date.now() - hours * 3_600_000).toISOString();
  const value = { ...incidentRow(numberedId(n), '01', '5'), occurred_at: at, ...changes };
  return { shape: INCIDENTS, operation: 'insert' as const, value };
};

const TIMES = { created_at: '2026-01-01 12:00:00+00', updated_at: '2026-01-01 12:00:00+00' };

it('a watched place gives notice offline from what was reported in it, once over a restart, and log-out forgets it', async () => {
  const place = { lat: '59.33', lon: '18.06', radius_m: '500', threshold: '0.7' };
  const home = { id: numberedId(90), name: 'Home', ...place, ...TIMES };
  clients.server.commit([
    { shape: 'my_watches', operation: 'insert', value: home },
    incident(1, 0),
    incident(2, 12),
    // None of these counts: too old, dismissed, closed, somewhere in a municipality, a kilometre away.
    incident(3, 73),
    incident(4, 0, { verification: 'dismissed' }),
    incident(5, 0, { status: 'closed' }),
    incident(6, 0, { location_precision: 'municipality' }),
    incident(7, 0, { lat: '59.34' }),
  ]);
  let halo = await device();
  await halo.whenLive();
  await clients.server.stop();
  await eventually(() => expect(halo.status().network).toBe('offline'));

  // 1 − (1 − 0.5) · (1 − 0.25) = 0.625 is under the threshold.
  let watched = watch(halo, { places: WATCHED_PLACES });
  await walk(halo, watched.tell, [AWAY, HOME]);
  expect([watched.notices, watched.errors]).toEqual([[], []]);
  // The place is set anew, in the queue: its own view changes, and the place is looked at again.
  const changed = { watchId: home.id, name: 'Home', lat: 59.33, lon: 18.06, radiusM: 500, threshold: 0.6 };
  await halo.setWatch(changed);
  await eventually(() => expect(watched.notices).toHaveLength(1));
  const [notice] = watched.notices;
  expect(notice).toMatchObject({ placeId: home.id, name: 'Home', isStale: false });
  expect(notice?.risk).toBeCloseTo(0.625, 3);

  await halo.close();
  expect(watched.isOn()).toBe(false);
  halo = await device();
  watched = watch(halo, { places: WATCHED_PLACES });
  await walk(halo, watched.tell, [AWAY, HOME]);
  expect([watched.notices, watched.errors]).toEqual([[], []]);
  const start = (threshold: number) =>
    halo.watchPosition(
      () => () => {},
      () => {},
      { threshold },
    );
  expect(() => start(NaN)).toThrow(/threshold/);
  start(1)();

  const settings = () => readFileSync(join(clients.dir, 'device', 'settings.json'), 'utf8');
  expect(settings()).toContain(home.id);
  await halo.logout({ unsent: 'discard' });
  expect(settings()).not.toContain('notices');
  expect(() => start(1)).toThrow(/closed/);
});

it('invariant 10: a watched place gives notice offline where more is forecast than its threshold, by cells, and never from what is stale', async () => {
  const watched = (n: number, name: string, { lat, lon }: SourcePosition, threshold: string) => ({
    shape: 'my_watches',
    operation: 'insert' as const,
    value: {
      ...{ id: numberedId(n), name, lat: String(lat), lon: String(lon), radius_m: '500', threshold },
      ...TIMES,
    },
  });
  const forecast = (at: SourcePosition, changes: Parameters<typeof predictionRow>[2]) => {
    const cell = latLngToCell(at.lat, at.lon, 9);
    const value = predictionRow(cell, cellToLatLng(cell), changes);
    return { shape: 'predictions?region=01', operation: 'insert' as const, value };
  };
  const OLD = { ...AWAY, lat: 59.36 };
  clients.server.commit([
    watched(90, 'Home', HOME, '0.75'),
    watched(91, 'Old', OLD, '0'),
    forecast(HOME, { band: '4' }),
    // None of these counts: the next window, past its expiry, in a cell of the watched place that is not entered.
    forecast(HOME, { band: '5', hours: [5, 11] }),
    forecast(OLD, { band: '5', validFor: -1 }),
    forecast({ ...HOME, lat: HOME.lat + 0.004 }, { band: '5' }),
    forecast(AWAY, { band: '3' }),
  ]);
  const halo = await device([FORECASTS]);
  await halo.whenLive();
  await clients.server.stop();
  await eventually(() => expect(halo.status().network).toBe('offline'));

  const own = watch(halo);
  const all = watch(halo, { places: FORECAST_CELLS, name: 'all' });
  const tell = (position: SourcePosition) => {
    own.tell(position);
    all.tell(position);
  };
  // The first one loads the grid of the cells; positions that come meanwhile would count for nothing.
  tell(AWAY);
  await eventually(() => expect(all.notices).toHaveLength(1));
  await walk(halo, tell, [OLD, HOME, OLD, HOME]);
  await eventually(() => expect(all.notices).toHaveLength(2));
  const cellOf = ({ lat, lon }: SourcePosition) => latLngToCell(lat, lon, 9);
  expect(own.notices).toMatchObject([{ placeId: numberedId(90), name: 'Home', risk: 0.75, isStale: false }]);
  expect(all.notices.map(({ placeId, risk }) => [placeId, risk])).toEqual([
    [cellOf(AWAY), 0.5],
    [cellOf(HOME), 0.75],
  ]);
  expect([own.errors, all.errors]).toEqual([[], []]);
});

/** Tells the positions, and waits until what was told before another watch's notice has been looked at. */
async function walk(halo: Halo, tell: (position: SourcePosition) => void, positions: SourcePosition[]) {
  for (const position of positions) {
    tell(position);
    const name = `control-${positions.indexOf(position)}-${performance.now().toFixed()}`;
    const sql = 'SELECT $1::text AS place_id, 1 AS risk, 59.33 AS lat, 18.06 AS lon, 1e6 AS radius_m';
    const places = { sql: sql.replace(/59.33|18.06|1e6/g, '$&::float8'), params: () => [name] };
    await new Promise<void>((resolve, reject) => {
      halo.watchPosition(
        (give) => {
          give(position);
          return () => {};
        },
        () => resolve(),
        { places, name, onError: reject },
      );
    });
  }
}
