import type { DeviceEvent, DeviceEventKind } from '@halo/shapes/protocol/inspector-devices.ts';
import { comesAfter, microsOf } from '../db/keyset.ts';
import type { Queryable } from '../db/pool.ts';
import type { KeysetPosition } from '../platform/keyset-cursor.ts';

/** Events that are kept of a device, and for how long. */
const MAX_EVENTS = 100;
const KEPT_FOR = `interval '7 days'`;

interface Row {
  readonly id: string;
  readonly at: Date;
  readonly kind: DeviceEventKind;
  readonly shape: string | null;
  readonly code: string | null;
  readonly times: number;
  readonly instance: string;
}

/** What happened to a device, newest first; of those that go at the next sweep nothing is said. */
export async function listEvents(
  db: Queryable,
  deviceId: string,
  after: KeysetPosition | undefined,
  limit: number,
): Promise<{ readonly item: DeviceEvent; readonly position: KeysetPosition }[]> {
  const { rows } = await db.query<Row & { micros: number; place: string }>(
    `SELECT id::text, at, kind, shape, code, times, instance, micros, place FROM (
       SELECT id, at, kind, shape, code, times, instance, ${microsOf('at')} AS micros, ${asUuid('id')} AS place
         FROM device_events WHERE device_id = $1 AND at > now() - ${KEPT_FOR} ORDER BY id DESC LIMIT ${MAX_EVENTS}) e
      WHERE $2::float8 IS NULL OR ${comesAfter('at', 'place', '$2', '$3')}
      ORDER BY at DESC, place DESC LIMIT $4`,
    [deviceId, after?.micros ?? null, after?.id ?? null, limit],
  );
  return rows.map(({ micros, place, at, ...row }) => ({
    item: { ...row, at: at.toISOString() },
    position: { micros, id: place },
  }));
}

/** Lists go by a time and a UUID; the number of a row is one with zeros before it. */
function asUuid(column: string): string {
  return `lpad(to_hex(${column}), 32, '0')::uuid`;
}

/** Removes what is too old, and too much of one device. */
export async function sweepEvents(db: Queryable): Promise<void> {
  await db.query(`DELETE FROM device_events WHERE at < now() - ${KEPT_FOR}`);
  await db.query(
    `DELETE FROM device_events e USING (
       SELECT device_id, (array_agg(id ORDER BY id DESC))[${MAX_EVENTS}] AS oldest FROM device_events
        GROUP BY device_id HAVING count(*) > ${MAX_EVENTS}) k
      WHERE e.device_id = k.device_id AND e.id < k.oldest`,
  );
}
