import type { Pool, Queryable } from '../db/pool.ts';
import type { Clock } from '../platform/clock.ts';
import { deviceFacts } from './device-answer.ts';
import { contactsById } from './fleet.ts';
import { readContacts, readDevicesById } from './fleet-store.ts';
import type { HeadHistory } from './head-history.ts';
import type { Heads } from './heads.ts';
import { AWAKE_MS, proveStall } from './prove-stall.ts';
import type { Stall } from './prove-stall.ts';

/** Devices that are looked at closely; where more may be stalled, these say enough. */
const MAX_SUSPECTS = 1_000;

export interface StalledDevicesParts {
  readonly pool: Pool;
  readonly heads: Heads;
  readonly history: HeadHistory;
  readonly clock: Clock;
  /** The history's clock, in milliseconds. */
  readonly nowMs: () => number;
}

/** Reads the devices that are proved to have got no further for this long, in milliseconds; those for longest first. */
export async function readStalledDevices(
  { pool, heads, history, clock, nowMs }: StalledDevicesParts,
  forMs: number,
): Promise<({ readonly id: string } & Stall)[]> {
  const suspects = await readSuspects(pool, history.headAt(nowMs() - forMs), forMs);
  if (suspects.length === 0) return [];
  const [rows, contacts, view] = await Promise.all([
    readDevicesById(pool, suspects),
    readContacts(pool, suspects),
    heads.view(),
  ]);
  const byId = contactsById(contacts);
  const now = clock.now();
  return rows
    .flatMap((row) => {
      const facts = deviceFacts(row, byId.get(row.id) ?? [], view, now);
      const stall = proveStall(facts, row.known_by === 'device', forMs);
      return stall === undefined ? [] : [{ id: row.id, ...stall }];
    })
    .toSorted((a, b) => a.sinceMs - b.sinceMs);
}

/** Few of thousands: those that may be stalled, by what needs no judgement. `head` is where the log ended that long ago. */
async function readSuspects(db: Queryable, head: bigint | undefined, forMs: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT c.id FROM device_contacts c
      WHERE c.heard_at > now() - $1 * interval '1 millisecond' AND EXISTS (
        SELECT FROM jsonb_array_elements(c.shapes) AS s (shape)
         WHERE (shape->>4)::float8 - (shape->>3)::float8 >= $2::float8 - 1000
           AND CASE WHEN shape->>1 = 'snapshot' THEN true ELSE split_part(shape->>2, '_', 1)::numeric < $3::numeric END)
     UNION
     SELECT s.id FROM device_status s JOIN device_contacts c ON c.id = s.id
      WHERE s.pending > 0 AND s.pending_since < now() - $2 * interval '1 millisecond'
        AND c.heard_at > now() - $1 * interval '1 millisecond'
     LIMIT ${MAX_SUSPECTS}`,
    [AWAKE_MS, forMs, String(head ?? 0n)],
  );
  return rows.map(({ id }) => id);
}
