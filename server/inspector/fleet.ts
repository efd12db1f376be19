import type { DeviceAnswer, DeviceState } from '@halo/shapes/protocol/inspector-devices.ts';
import type { Pool } from '../db/pool.ts';
import type { Clock } from '../platform/clock.ts';
import { deviceAnswer } from './device-answer.ts';
import { MAX_FLEET, readContacts, readDevice, readDevices } from './fleet-store.ts';
import type { ContactRow } from './fleet-store.ts';
import type { Heads } from './heads.ts';

/** All devices are judged at most this often, however many ask; in milliseconds. */
const KEEP_MS = 1_000;

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
  #kept: { readonly atMs: number; readonly view: Promise<FleetView> } | undefined;

  constructor(parts: FleetParts) {
    this.#parts = parts;
  }

  /** All devices, as they were within the last second. */
  view(): Promise<FleetView> {
    const nowMs = this.#parts.nowMs();
    if (this.#kept !== undefined && nowMs - this.#kept.atMs < KEEP_MS) return this.#kept.view;
    const view = this.#read();
    this.#kept = { atMs: nowMs, view };
    view.catch(() => (this.#kept = undefined));
    return view;
  }

  /** One device, as it is now; undefined where none is known by that id. */
  async device(id: string): Promise<DeviceAnswer | undefined> {
    const { pool, heads, clock } = this.#parts;
    const [row, contacts, view] = await Promise.all([
      readDevice(pool, id),
      readContacts(pool, id),
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
    const byId = new Map<string, ContactRow[]>();
    for (const contact of contacts) {
      const known = byId.get(contact.id);
      if (known === undefined) byId.set(contact.id, [contact]);
      else known.push(contact);
    }
    const now = clock.now();
    const counts = { live: 0, behind: 0, stalled: 0, offline: 0, revoked: 0 };
    const devices = rows
      .slice(0, MAX_FLEET)
      .map((row) => deviceAnswer(row, byId.get(row.id) ?? [], view, now));
    for (const { state } of devices) counts[state] += 1;
    devices.sort((a, b) => STATE_ORDER[a.state] - STATE_ORDER[b.state] || (a.id < b.id ? -1 : 1));
    return { devices, counts, truncated };
  }
}
