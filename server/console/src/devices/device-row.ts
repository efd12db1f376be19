import type { DeviceAnswer, DeviceState } from '@halo/shapes/protocol/inspector-devices.ts';
import { textOf } from '../sync/rows.ts';
import type { ShapeRow } from '../sync/rows.ts';
import type { Tone } from '../ui/chip.tsx';
import type { SortValue } from '../ui/sorting.ts';

/**
 * The shape says that a device is silent when it has been so for two minutes after it was due, and a moment later; in seconds.
 * Before that its silence is known to whoever judges it alone.
 */
const SAID_SILENT_AFTER_S = 180;

/** A device's state; `heard` while the server has not been asked yet how it fares. */
export type ShownState = DeviceState | 'heard';

/** One device in the list: what is shown of it, and no more, since there may be ten thousand. */
export interface DeviceRow {
  readonly id: string;
  readonly knownBy: 'device' | 'session';
  readonly userId: string;
  /** Null until the server has been asked who it is. */
  readonly userName: string | null;
  readonly email: string | null;
  readonly appVersion: string | null;
  readonly state: ShownState;
  readonly reason: { readonly text: string; readonly textSv: string };
  readonly sinceMs: number | null;
  readonly lastAtMs: number | null;
  readonly pending: number | null;
  readonly rejected: number | null;
  readonly oldestSeconds: number | null;
  readonly behindBytes: number | null;
  readonly errorCode: string | null;
  /** It had been silent for so long when it was judged that the shape `devices` says so by itself, as long as it is. */
  readonly isLongSilent: boolean;
  /** Codes of the counties whose incidents it follows. */
  readonly regions: readonly string[];
}

/** The shape says what is so, and not why. */
const NO_REASON = { text: '', textSv: '' };

/** A device of the list out of what the inspector says. */
export function deviceRow(device: DeviceAnswer): DeviceRow {
  const { id, knownBy, user, appVersion, state, reason, since, contact, outbox, lastError } = device;
  return {
    id,
    knownBy,
    userId: user.id,
    userName: user.displayName,
    email: user.email,
    appVersion,
    state,
    reason: { text: reason.text, textSv: reason.textSv },
    sinceMs: since === null ? null : Date.parse(since),
    lastAtMs: contact.lastAt === null ? null : Date.parse(contact.lastAt),
    pending: outbox?.pending ?? null,
    rejected: outbox?.rejected ?? null,
    oldestSeconds: outbox?.oldestSeconds ?? null,
    behindBytes: device.behindBytes,
    errorCode: lastError?.code ?? null,
    isLongSilent: (contact.ageSeconds ?? 0) > contact.dueSeconds + SAID_SILENT_AFTER_S,
    regions: regionsOf(device.shapes.map(({ shape }) => shape)),
  };
}

/** The counties that shapes with parameters name: `incidents?region=01` is of 01. */
export function regionsOf(shapes: readonly string[]): string[] {
  const regions = shapes.map((shape) => new URLSearchParams(shape.split('?')[1] ?? '').get('region'));
  return [...new Set(regions.filter((region) => region !== null))].sort();
}

/**
 * The device with what the shape `devices` says of it since: that is newer than the list, but judges nothing. Only
 * silence is judged by it, since the server has then waited for the device as long as it had to; and its end, since a
 * device of which the shape no longer says that it is silent has been heard again.
 */
export function withLive(device: DeviceRow, row: ShapeRow | undefined): DeviceRow {
  if (row === undefined) return device;
  const silentSinceMs = row['silent_since'] as number | null;
  const isSilent = silentSinceMs !== null && device.state !== 'revoked';
  const isBack = silentSinceMs === null && device.state === 'offline' && device.isLongSilent;
  return {
    ...device,
    appVersion: (row['app_version'] as string | null) ?? device.appVersion,
    pending: (row['pending'] as number | null) ?? device.pending,
    rejected: (row['rejected'] as number | null) ?? device.rejected,
    errorCode: row['error_code'] as string | null,
    ...(isSilent ? { state: 'offline' as const, sinceMs: silentSinceMs, reason: NO_REASON } : {}),
    ...(isBack ? { state: 'heard' as const, sinceMs: null, reason: NO_REASON } : {}),
  };
}

/** A device of which only the shape `devices` has told yet. */
export function toldRow(row: ShapeRow): DeviceRow {
  const silentSinceMs = row['silent_since'] as number | null;
  return {
    id: textOf(row['id']),
    knownBy: row['known_by'] === 'session' ? 'session' : 'device',
    userId: textOf(row['user_id']),
    userName: null,
    email: null,
    appVersion: row['app_version'] as string | null,
    state: silentSinceMs === null ? 'heard' : 'offline',
    reason: NO_REASON,
    sinceMs: silentSinceMs,
    lastAtMs: silentSinceMs,
    pending: row['pending'] as number | null,
    rejected: row['rejected'] as number | null,
    oldestSeconds: null,
    behindBytes: null,
    errorCode: row['error_code'] as string | null,
    isLongSilent: silentSinceMs !== null,
    regions: [],
  };
}

/** States that the server judges to need a look: they are asked for more often than all. */
export const JUDGED_OFTEN = ['stalled', 'behind'] as const;

/**
 * What is known of all devices after the server was asked for those that need a look. One that needed it and is not among
 * them any more is well again, as far as is known until all are asked for.
 */
export function withJudged(
  read: ReadonlyMap<string, DeviceRow>,
  judged: readonly DeviceRow[],
): ReadonlyMap<string, DeviceRow> {
  const next = new Map(read);
  const ids = new Set(judged.map(({ id }) => id));
  for (const row of read.values()) {
    const needed = JUDGED_OFTEN.some((state) => state === row.state);
    if (needed && !ids.has(row.id)) next.set(row.id, { ...row, state: 'heard', sinceMs: null });
  }
  for (const row of judged) next.set(row.id, row);
  return next;
}

const TONES: Record<ShownState, Tone> = {
  live: 'good',
  heard: 'idle',
  behind: 'warn',
  stalled: 'bad',
  offline: 'idle',
  revoked: 'idle',
};

/** How a device's state is to be taken: being offline is nothing wrong. */
export function deviceTone(state: ShownState): Tone {
  return TONES[state];
}

/** What needs a look first. */
const URGENCY: Record<ShownState, number> = {
  stalled: 0,
  behind: 1,
  heard: 2,
  offline: 3,
  live: 4,
  revoked: 5,
};

/** What the list can be sorted by. */
export const DEVICE_SORTS: Readonly<Record<string, (row: DeviceRow) => SortValue>> = {
  state: ({ state }) => URGENCY[state],
  user: ({ userName }) => userName?.toLowerCase(),
  version: ({ appVersion }) => appVersion,
  contact: ({ lastAtMs }) => lastAtMs,
  since: ({ sinceMs }) => sinceMs,
  pending: ({ pending }) => pending,
  rejected: ({ rejected }) => rejected,
  behind: ({ behindBytes }) => behindBytes,
};

export interface DeviceFilter {
  readonly state: string | undefined;
  readonly version: string | undefined;
  readonly region: string | undefined;
  readonly user: string | undefined;
  readonly q: string | undefined;
}

/** Whether a device is what is looked for. */
export function isWanted(row: DeviceRow, { state, version, region, user, q }: DeviceFilter): boolean {
  if (state !== undefined && row.state !== state) return false;
  if (version !== undefined && row.appVersion !== version) return false;
  if (region !== undefined && !row.regions.includes(region)) return false;
  if (user !== undefined && row.userId !== user) return false;
  if (q === undefined) return true;
  const words = `${row.userName ?? ''} ${row.email ?? ''} ${row.id} ${row.errorCode ?? ''}`.toLowerCase();
  return words.includes(q.toLowerCase());
}
