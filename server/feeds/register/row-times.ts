import { wallClock } from '../../platform/wall-clock.ts';
import type { WallClock, WallTime } from '../../platform/wall-clock.ts';
import type { RejectReason } from './row.ts';

const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d{1,9})?))?\s?(Z|[+-]\d{2}:?\d{2})?)?$/iu;
const MONTH = /^(\d{4})-(\d{2})$/u;
/** The zone in which a day ends last of all. */
const LAST_ZONE = 'Etc/GMT+12';
const LAST_CLOCK = lastClock();

interface Parsed {
  readonly wall: WallTime;
  /** False for a day without a time. */
  readonly hasTime: boolean;
  readonly offsetMin: number | undefined;
}

/**
 * When something happened: an ISO 8601 time with its offset, or without one where `clock` says in which zone. Of the two
 * times of an hour that the clock repeats it is the earlier.
 */
export function occurredAt(text: string, clock: WallClock | undefined): Date | RejectReason {
  const parsed = parse(text);
  if (parsed === undefined) return text.trim() === '' ? 'time_missing' : 'time_unreadable';
  if (!parsed.hasTime) return 'time_missing';
  if (parsed.offsetMin !== undefined) return atOffset(parsed.wall, parsed.offsetMin) ?? 'time_unreadable';
  if (clock === undefined) return 'time_without_zone';
  const [earliest] = clock.instantsOf(parsed.wall);
  if (earliest !== undefined) return earliest;
  return clock.readingsOf(parsed.wall).length > 0 ? 'time_skipped' : 'time_unreadable';
}

/**
 * By when an entry was known for certain: at a time, or at the end of a day or a month. Without an offset and a zone that is
 * when it is so everywhere on Earth: a forecast must not know of anything too early.
 */
export function knownAt(text: string, clock: WallClock | undefined): Date | RejectReason {
  const zone = clock ?? LAST_CLOCK;
  const month = MONTH.exec(text.trim());
  if (month !== null) return endOf(Number(month[1]), Number(month[2]) + 1, 1, zone);
  const parsed = parse(text);
  if (parsed === undefined) return 'known_at_unreadable';
  const { wall, hasTime, offsetMin } = parsed;
  if (offsetMin !== undefined) return atOffset(wall, offsetMin) ?? 'known_at_unreadable';
  if (hasTime) return zone.readingsOf(wall).at(-1) ?? 'known_at_unreadable';
  if (zone.readingsOf(wall).length === 0) return 'known_at_unreadable';
  return endOf(wall.year, wall.month, wall.day + 1, zone);
}

/** The midnight that begins the given day; days and months beyond the end count on. */
function endOf(year: number, month: number, day: number, zone: WallClock): Date | RejectReason {
  const date = new Date(Date.UTC(year, month - 1, day));
  const isMonth = month >= 2 && month <= 13;
  if (day === 1 && !isMonth) return 'known_at_unreadable';
  const wall = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
  return zone.readingsOf({ ...wall, hour: 0, minute: 0 }).at(-1) ?? 'known_at_unreadable';
}

function parse(text: string): Parsed | undefined {
  const match = INSTANT.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second = '0', offset] = match;
  const date = { year: Number(year), month: Number(month), day: Number(day) };
  const time = { hour: Number(hour ?? 0), minute: Number(minute ?? 0), second: Number(second) };
  return { wall: { ...date, ...time }, hasTime: hour !== undefined, offsetMin: offsetOf(offset) };
}

function offsetOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text.toUpperCase() === 'Z') return 0;
  const [hours, minutes] = [text.slice(1, 3), text.slice(-2)].map(Number);
  return (text.startsWith('-') ? -1 : 1) * ((hours ?? 0) * 60 + (minutes ?? 0));
}

function atOffset(wall: WallTime, offsetMin: number): Date | undefined {
  const { year, month, day, hour, minute, second = 0 } = wall;
  if (hour > 23 || minute > 59 || second >= 60) return undefined;
  const asUtc = new Date(Date.UTC(year, month - 1, day, hour, minute) + Math.floor(second * 1000));
  if (asUtc.getUTCMonth() !== month - 1 || asUtc.getUTCDate() !== day) return undefined;
  return new Date(asUtc.getTime() - offsetMin * 60_000);
}

function lastClock(): WallClock {
  const clock = wallClock(LAST_ZONE);
  if (clock === undefined) throw new Error('this Node knows no time zones');
  return clock;
}
