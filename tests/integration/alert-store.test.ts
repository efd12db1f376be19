import { expect, it } from 'vitest';
import { uuidv7 } from 'uuidv7';
import type { Pool } from '../../server/db/pool.ts';
import { loadAlerts, saveAlerts } from '../../server/operations/alerts/alert-store.ts';
import type { AlertRecord } from '../../server/operations/alerts/alert.ts';
import { useTestDatabase } from '../support/database.ts';

const MINUTE_MS = 60_000;
const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE_MS);

/** One that was told at once, and its end, too. */
function over(raisedAgo: number, changes: Partial<AlertRecord> = {}): AlertRecord {
  const raisedAt = ago(raisedAgo);
  const clearedAt = ago(raisedAgo - 0.5);
  const times = { since: raisedAt, raisedAt, tellFrom: raisedAt, toldAt: raisedAt, clearedAt };
  const about = { name: 'slot_near_limit', subject: 'halo_1', instance: 'one', what: 'It is full.' } as const;
  return { id: uuidv7(), ...about, ...times, clearToldAt: clearedAt, ...changes };
}

async function loaded(pool: Pool, records: readonly AlertRecord[]): Promise<string[]> {
  await saveAlerts(pool, 'shared', records);
  return (await loadAlerts(pool, 'shared', 'one')).map(({ id }) => id);
}

it('an open alert is known however often it, and others, came and went before', async () => {
  const { pool } = await useTestDatabase();
  const flapped = Array.from({ length: 600 }, (_, index) => over(1_000 - index));
  const open = { clearedAt: null, clearToldAt: null };
  const again = over(1, open);
  const other = over(2, { ...open, subject: 'halo_2' });
  // Of those before only the newest that was told says when it may be told again.
  expect(await loaded(pool, [...flapped, again, other])).toEqual([other.id, again.id]);
  const clearedAt = ago(0);
  expect(await loaded(pool, [{ ...again, clearedAt, clearToldAt: clearedAt }])).toEqual([other.id, again.id]);
});

it('what is still to be told, and when each was last told, is known', async () => {
  const { pool } = await useTestDatabase();
  const told = over(30);
  const neverToBeTold = over(25, { tellFrom: ago(10), toldAt: null, clearToldAt: null });
  const endUntold = over(60, { clearToldAt: null });
  const untold = over(50, { toldAt: null, clearToldAt: null });
  const longAgo = over(2 * 24 * 60, { subject: 'halo_2' });
  const records = [told, neverToBeTold, endUntold, untold, longAgo];
  expect(await loaded(pool, records)).toEqual([endUntold.id, untold.id, told.id]);
});
