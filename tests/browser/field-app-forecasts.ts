import { cellToLatLng, gridDisk, latLngToCell } from 'h3-js';
import type { Pool } from 'pg';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { SERIES } from '../../client-sdk/field-app/src/quality/testing/series-samples.ts';
import { eventually } from '../support/eventually.ts';
import { faultsOf } from './field-app-eyes.ts';
import { SPOT, openTab } from './field-app-pages.ts';

const HOME = latLngToCell(SPOT.latitude, SPOT.longitude, 9);
/** Cells about the phone, further away than a watched place of 500 m reaches. */
const AWAY = gridDisk(HOME, 6).slice(-30);
/** Another county than the one on the map. */
const UPPSALA = { latitude: 59.8581, longitude: 17.6334, accuracy: 12 };
const IN_UPPSALA = latLngToCell(UPPSALA.latitude, UPPSALA.longitude, 9);
const { latest: trained } = SERIES.kept;

/** Puts forecasts of the baseline, which a trained model did not beat, around the phone for this window and the next. */
export async function insertForecasts(pool: Pool): Promise<void> {
  // The runs of a server's first start: they find nothing to forecast.
  await eventually(async () => {
    const { rows } = await pool.query<{ job: string }>(`SELECT job FROM job_runs WHERE state <> 'running'`);
    return new Set(rows.map(({ job }) => job)).size === 2;
  });
  await pool.query(
    `INSERT INTO models (id, place_kind, category, kind, features_version, sha256, cut_off, metrics, decision, reason, trained_at)
     VALUES ($1, 'cell-9', 'all', 'trained', 1, $2, now(), $3, 'baseline', $4, now())`,
    [trained!.id, 'a'.repeat(64), trained!.evaluation, trained!.reason],
  );
  // A set from ahead of time: the hourly run puts nothing in its place.
  await pool.query(
    `INSERT INTO prediction_sets (run_id, cut_off, computed_at, changed, rows)
     VALUES (gen_random_uuid(), now() + interval '1 day', now(), 0, 0)
     ON CONFLICT (single) DO UPDATE SET cut_off = excluded.cut_off`,
  );
  for (const [index, cell] of AWAY.entries()) {
    // The window under way may end meanwhile.
    for (const windowsAhead of [0, 1, 2]) await insertForecast(pool, cell, windowsAhead, index + 1);
  }
}

/** One cell in the window under way, or in a later one; the first ranks have the highest bands. */
async function insertForecast(
  pool: Pool,
  cell: string,
  windowsAhead: number,
  rank: number,
  region = '01',
): Promise<void> {
  const [lat, lon] = cellToLatLng(cell);
  const band = Math.max(1, 5 - Math.floor((rank - 1) / 6));
  await pool.query(
    `INSERT INTO predictions (category, place, window_start, window_end, place_kind, region, lat, lon, expected, lower, upper,
       rank, band, reasons, model_id, cut_off, computed_at, valid_until)
     SELECT 'all', $1, at, at + interval '6 hours', 'cell-9', $7, $2, $3, 0.31, 0.22, 0.42, $4, $5,
       '[{"code": "recent", "factor": 1.8}]', model_id, now() - interval '3 hours', now() - interval '2 hours',
       at + interval '6 hours'
     FROM champions, (SELECT date_bin('6 hours', now(), '2026-01-01 05:00Z') + $6 * interval '6 hours' AS at) w
     WHERE champions.place_kind = 'cell-9' AND champions.category = 'all'`,
    [cell, lat, lon, rank, band, windowsAhead, region],
  );
}

/** Looks at the forecasts on the map, at one of them, and at how good they are, which is kept for when there is no network. */
export async function seesForecasts(page: Page, pool: Pool): Promise<void> {
  await openTab(page, /^Map$/);
  await page.getByRole('button', { name: 'Show what is forecast' }).click();
  const slider = page.getByRole('slider', { name: 'Six hours' });
  await slider.waitFor();
  await page.getByText(/^Computed 2 hrs? ago/).waitFor();
  const first = await slider.getAttribute('aria-valuetext');
  await slider.press('ArrowRight');
  await expect.poll(() => slider.getAttribute('aria-valuetext')).not.toBe(first);
  await slider.press('ArrowLeft');
  expect(await faultsOf(page)).toEqual([]);
  await page.getByRole('button', { name: 'Highest first' }).click();
  await page.getByRole('button', { name: /^1\./ }).click();
  const dialog = page.getByRole('dialog');
  for (const text of [
    '0.31 incidents on average in these six hours',
    'on average perhaps between 0.22 and 0.42.',
    '1 of the county’s spots in these hours',
    'More happened here lately',
    'The baseline: the count of the last 365 days',
    'The baseline speaks: the trained model has not beaten it.',
  ]) {
    await dialog.getByText(text).first().waitFor();
  }
  expect(await faultsOf(page)).toEqual([]);

  await dialog.getByRole('link', { name: 'How good is this?' }).click();
  await page.getByText('The baseline speaks: the trained model has not beaten it.').first().waitFor();
  await page
    .getByText(/^The test of the newest model, /)
    .first()
    .waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await page.context().setOffline(true);
  await page.getByText('The server cannot be reached.').waitFor();
  await page.getByRole('cell', { name: '24%' }).first().waitFor();
  await page.context().setOffline(false);

  // What has just changed comes with the next news of an incident.
  const news = () => pool.query('UPDATE incidents SET updated_at = clock_timestamp()');
  await insertForecast(pool, HOME, 0, 1);
  await news();
  // One of each of the two places that hold the cell.
  const told = page.getByRole('alert').getByText(/^Forecast at /);
  await eventually(async () => expect(await told.count()).toBe(2), { withinMs: 60_000 });
  for (let n = 0; n < 2; n += 1) await page.getByRole('button', { name: 'Dismiss' }).first().click();
  await watchesInAnotherCounty(page, pool, news);
  await pool.query(`UPDATE predictions SET valid_until = now() - interval '1 minute'`);
  await news();
  await openTab(page, /^Map$/);
  await page.getByText(/^Old: computed 2 hrs? ago/).waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Hide what is forecast' }).click();
}

/** A place is watched in a county that the map does not show: its forecasts come to the device, and a notice with them. */
async function watchesInAnotherCounty(page: Page, pool: Pool, news: () => Promise<unknown>): Promise<void> {
  await pool.query(
    `INSERT INTO watches (id, user_id, name, lat, lon, radius_m, threshold)
     SELECT gen_random_uuid(), user_id, 'The cathedral', $1, $2, 500, 0.4 FROM watches LIMIT 1`,
    [UPPSALA.latitude, UPPSALA.longitude],
  );
  await news();
  await openTab(page, /Places/);
  await page.getByRole('heading', { name: 'The cathedral' }).waitFor({ timeout: 90_000 });
  await page.getByText('No single spots are forecast in Uppsala län just now').waitFor({ timeout: 90_000 });
  expect(await faultsOf(page)).toEqual([]);
  await insertForecast(pool, IN_UPPSALA, 0, 1, '03');
  await news();
  const told = page.getByRole('alert').getByText('Forecast at The cathedral');
  await eventually(
    async () => {
      await page.context().setGeolocation(UPPSALA);
      expect(await told.count()).toBe(1);
    },
    { withinMs: 90_000 },
  );
  await expect.poll(() => page.getByText(/forecast in Uppsala län/).count()).toBe(0);
  await page.getByRole('button', { name: /^Stockholms län/ }).waitFor();
  await page.getByRole('button', { name: 'Dismiss' }).first().click();
}
