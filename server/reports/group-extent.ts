import { allCompatible, typeBit } from './neighbouring-types.ts';
import type { Linkable } from './linking.ts';

/** An incident is no wider than this from corner to corner, in metres. */
export const MAX_EXTENT_M = 1_000;
/** And its reports are of times no further apart than this, in milliseconds. */
export const MAX_SPAN_MS = 4 * 60 * 60_000;

const METRES_PER_DEGREE = 111_195;

/** What must be known of a group to tell whether it is still one incident. */
export interface GroupExtent {
  readonly minLat: number;
  readonly maxLat: number;
  readonly minLon: number;
  readonly maxLon: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Bits of the types; see `typeBit`. */
  readonly types: number;
  /** The hand-made group of its pinned members; `several` where officers have put them into more than one. */
  readonly pin: string | null | typeof SEVERAL;
  /** The registers that its members are entries of; `CLASHING` where two are entries of one. */
  readonly registers: ReadonlySet<string> | typeof CLASHING;
}

const SEVERAL = Symbol('several pins');
const CLASHING = Symbol('two entries of one register');
const NO_REGISTER: ReadonlySet<string> = new Set();

const NO_ROOM = { minLat: Infinity, maxLat: -Infinity, minLon: Infinity, maxLon: -Infinity };

/** The extent of a single report. One that was forgotten takes up no room: nobody knows where it was. */
export function extentOf({
  place: { lat, lon },
  occurredAt,
  type,
  pin,
  register,
  forgotten,
}: Linkable): GroupExtent {
  const at = occurredAt.getTime();
  const room = { minLat: lat, maxLat: lat, minLon: lon, maxLon: lon };
  return {
    ...(forgotten === true ? NO_ROOM : room),
    fromMs: at,
    toMs: at,
    types: typeBit(type),
    pin,
    registers: register === null ? NO_REGISTER : new Set([register]),
  };
}

/**
 * What officers have put together though it does not fit: it takes up no room, and what else belongs to it must fit by itself.
 */
export function roomless({ types, pin, registers }: GroupExtent): GroupExtent {
  return { ...NO_ROOM, fromMs: Infinity, toMs: -Infinity, types, pin, registers };
}

/** The extent of two groups together. */
export function united(a: GroupExtent, b: GroupExtent): GroupExtent {
  // Over the antimeridian the box goes on beyond ±180, on the side of the first.
  const turn = b.minLon - a.minLon > 180 ? -360 : a.minLon - b.minLon > 180 ? 360 : 0;
  return {
    minLat: Math.min(a.minLat, b.minLat),
    maxLat: Math.max(a.maxLat, b.maxLat),
    minLon: Math.min(a.minLon, b.minLon + turn),
    maxLon: Math.max(a.maxLon, b.maxLon + turn),
    fromMs: Math.min(a.fromMs, b.fromMs),
    toMs: Math.max(a.toMs, b.toMs),
    types: a.types | b.types,
    pin: a.pin === null || a.pin === b.pin ? b.pin : b.pin === null ? a.pin : SEVERAL,
    registers: unitedRegisters(a.registers, b.registers),
  };
}

function unitedRegisters(a: GroupExtent['registers'], b: GroupExtent['registers']): GroupExtent['registers'] {
  if (a === CLASHING || b === CLASHING) return CLASHING;
  if (a.size === 0) return b;
  if (b.size === 0) return a;
  for (const register of b) if (a.has(register)) return CLASHING;
  return new Set([...a, ...b]);
}

/** The extent of several reports together; undefined of none. */
export function extentOfAll(reports: readonly Linkable[]): GroupExtent | undefined {
  return reports
    .map(extentOf)
    .reduce<GroupExtent | undefined>(
      (whole, extent) => (whole === undefined ? extent : united(whole, extent)),
      undefined,
    );
}

/** Whether officers have parted some of what has this extent from other of it. */
export function isParted({ pin }: GroupExtent): boolean {
  return pin === SEVERAL;
}

/**
 * Whether all that has this extent may be one incident: it is not too wide, not too long, no two of its types exclude each
 * other, no two of its reports are entries of one register, and officers have not parted it. Every part of what fits fits, too.
 */
export function fits({
  minLat,
  maxLat,
  minLon,
  maxLon,
  fromMs,
  toMs,
  types,
  pin,
  registers,
}: GroupExtent): boolean {
  if (
    toMs - fromMs > MAX_SPAN_MS ||
    pin === SEVERAL ||
    registers === CLASHING ||
    !allCompatible(types, types)
  )
    return false;
  if (minLat > maxLat) return true;
  const middle = (minLat + maxLat) / 2;
  const height = (maxLat - minLat) * METRES_PER_DEGREE;
  const width = (maxLon - minLon) * METRES_PER_DEGREE * Math.cos((middle * Math.PI) / 180);
  return Math.hypot(height, width) <= MAX_EXTENT_M;
}
