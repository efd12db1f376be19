import { setImmediate } from 'node:timers/promises';
import type { DeviceAnswer, DeviceState } from '@halo/shapes/protocol/inspector-devices.ts';
import type { Pool } from '../db/pool.ts';
import type { Clock } from '../platform/clock.ts';
import { deviceAnswer } from './device-answer.ts';
import { MAX_FLEET, readContacts, readDevices, readDevicesById } from './fleet-store.ts';
import type { ContactRow } from './fleet-store.ts';
import type { Heads } from './heads.ts';

/** How long a view of all devices is kept at least and at most once it is there, in milliseconds. */
const KEEP_MIN_MS = 1_000;
const KEEP_MAX_MS = 5_000;
/** Between the two it is kept so many times as long as it took: whoever goes through its pages has one view of all of them. */
const KEEP_TIMES = 3;

/** Devices that are judged before others have their turn. */
const JUDGED_AT_ONCE = 500;

/** How long a view is kept that took so long. */
export function keepMs(tookMs: number): number {
  return Math.min(KEEP_MAX_MS, Math.max(KEEP_MIN_MS, KEEP_TIMES * tookMs));
}

/** All devices at one moment. */
export interface FleetView {
  /** The worst first, and those whose session has ended last. */
  readonly devices: readonly DeviceAnswer[];
  readonly counts: Readonly<Record<DeviceState, number>>;
  readonly truncated: boolean;
}

export interface FleetParts {
  readonly pool: Pool;
  readonly heads: Heads;
  readonly clock: Clock;
  /** A monotonic clock in milliseconds. */
  readonly nowMs: () => number;
}

/** In which order operators want to see them. */
export const STATE_ORDER: Readonly<Record<DeviceState, number>> = {
  stalled: 0,
  behind: 1,
  offline: 2,
  live: 3,
  revoked: 4,
};

/** Reads and judges devices; those who ask at once share the work. */
export class Fleet {
  readonly #parts: FleetParts;
  /** Until when it is kept; without end while it is being read. */
  #kept: { untilMs: number; readonly view: Promise<FleetView> } | undefined;

  constructor(parts: FleetParts) {
    this.#parts = parts;
  }

  /** All devices, as they were within the last second, or within a few where there are thousands. */
  view(): Promise<FleetView> {
    const { nowMs } = this.#parts;
    const beganMs = nowMs();
    if (this.#kept !== undefined && beganMs < this.#kept.untilMs) return this.#kept.view;
    const kept = { untilMs: Infinity, view: this.#read() };
    this.#kept = kept;
    kept.view.then(
      () => (kept.untilMs = nowMs() + keepMs(nowMs() - beganMs)),
      () => {
        if (this.#kept === kept) this.#kept = undefined;
      },
    );
    return kept.view;
  }

  /** One device, as it is now; undefined where none is known by that id. */
  async device(id: string): Promise<DeviceAnswer | undefined> {
    const { pool, heads, clock } = this.#parts;
    const [[row], contacts, view] = await Promise.all([
      readDevicesById(pool, [id]),
      readContacts(pool, [id]),
      heads.view(),
    ]);
    return row === undefined ? undefined : deviceAnswer(row, contacts, view, clock.now());
  }

  async #read(): Promise<FleetView> {
    const { pool, heads, clock } = this.#parts;
    const [rows, contacts, view] = await Promise.all([
      readDevices(pool),
      readContacts(pool, null),
      heads.view(),
    ]);
    const truncated = rows.length > MAX_FLEET;
    const byId = contactsById(contacts);
    const now = clock.now();
    const counts = { live: 0, behind: 0, stalled: 0, offline: 0, revoked: 0 };
    const devices: DeviceAnswer[] = [];
    for (const row of rows.slice(0, MAX_FLEET)) {
      devices.push(deviceAnswer(row, byId.get(row.id) ?? [], view, now));
      // Devices are waiting for their answers, too.
      if (devices.length % JUDGED_AT_ONCE === 0) await setImmediate();
    }
    for (const { state } of devices) counts[state] += 1;
    devices.sort((a, b) => STATE_ORDER[a.state] - STATE_ORDER[b.state] || (a.id < b.id ? -1 : 1));
    return { devices, counts, truncated };
  }
}

/** The contacts of each device, in their order. */
export function contactsById(contacts: readonly ContactRow[]): ReadonlyMap<string, readonly ContactRow[]> {
  const byId = new Map<string, ContactRow[]>();
  for (const contact of contacts) {
    const known = byId.get(contact.id);
    if (known === undefined) byId.set(contact.id, [contact]);
    else known.push(contact);
  }
  return byId;
}
