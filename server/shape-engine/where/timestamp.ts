import { civilFromDays, daysFromCivil, daysInMonth } from './calendar.ts';

/** The types whose values are moments, in microseconds: from 1970, or from midnight for a `time`. */
export type MomentFamily = 'timestamptz' | 'timestamp' | 'date' | 'time';

const DATE = /^(\d{4,7})-(\d\d)-(\d\d)/;
const CLOCK = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?/;
const ZONE = /^(Z|[+-]\d\d(?::?\d\d)?)/i;
const MICROS_PER_SECOND = 1_000_000n;
export const MICROS_PER_DAY = 86_400n * MICROS_PER_SECOND;
/** Beyond every date that Postgres can represent: the last lies near 2^68. */
export const INFINITE = 1n << 80n;
/** Postgres's Julian day 0, the first of all dates and times. */
const FIRST_DAY = daysFromCivil(-4713, 11, 24);
const END_OF_DATES = daysFromCivil(5_874_898, 1, 1);
const END_OF_TIMES = daysFromCivil(294_277, 1, 1);

/** Microseconds since 1970 of a time with its zone; undefined when the text is none. */
export function parseTimestamp(text: string): bigint | undefined {
  return parseMoment('timestamptz', text);
}

/**
 * Microseconds of a value in ISO 8601 form, as Postgres prints it or as a clause may give it. A time without
 * zone is UTC, as in every session of ours; a date without time is its midnight; `infinity` and `-infinity`
 * lie beyond all others. Undefined when the text is no value of the type.
 */
export function parseMoment(family: MomentFamily, text: string): bigint | undefined {
  if (family === 'time') return timeOfDay(text);
  const lower = text.toLowerCase();
  if (lower === 'infinity') return INFINITE;
  if (lower === '-infinity') return -INFINITE;
  const bc = lower.endsWith(' bc');
  const date = DATE.exec(text);
  const day = date === null ? undefined : dayOf(date, bc);
  if (date === null || day === undefined) return undefined;
  let rest = text.slice(date[0].length, bc ? -3 : undefined);
  let micros = BigInt(day) * MICROS_PER_DAY;
  if (rest !== '' && family === 'date') return undefined;
  if (rest !== '') {
    const clock = /^[ T]/i.test(rest) ? CLOCK.exec(rest.slice(1)) : null;
    const time = clock === null ? undefined : microsOf(clock);
    if (clock === null || time === undefined || Number(clock[1]) > 23) return undefined;
    micros += time;
    rest = rest.slice(1 + clock[0].length);
  }
  const offset = rest === '' ? 0 : family === 'timestamptz' ? zoneSeconds(rest) : undefined;
  if (offset === undefined) return undefined;
  micros -= BigInt(offset) * MICROS_PER_SECOND;
  return inRange(family, micros) ? micros : undefined;
}

/** The text that Postgres prints in a session of ours, for what `parseMoment` reads. */
export function formatMoment(family: MomentFamily, micros: bigint): string {
  if (micros === INFINITE) return 'infinity';
  if (micros === -INFINITE) return '-infinity';
  if (family === 'time') return formatClock(micros);
  const time = ((micros % MICROS_PER_DAY) + MICROS_PER_DAY) % MICROS_PER_DAY;
  const { year, month, day } = civilFromDays(Number((micros - time) / MICROS_PER_DAY));
  const shown = year > 0 ? year : 1 - year;
  const date = `${String(shown).padStart(4, '0')}-${two(month)}-${two(day)}`;
  const clock = family === 'date' ? '' : ` ${formatClock(time)}`;
  return `${date}${clock}${family === 'timestamptz' ? '+00' : ''}${year > 0 ? '' : ' BC'}`;
}

/** Whether Postgres's type reaches as far. */
export function inRange(family: 'timestamptz' | 'timestamp' | 'date', micros: bigint): boolean {
  if (micros === INFINITE || micros === -INFINITE) return true;
  const end = family === 'date' ? END_OF_DATES : END_OF_TIMES;
  return micros >= BigInt(FIRST_DAY) * MICROS_PER_DAY && micros < BigInt(end) * MICROS_PER_DAY;
}

function dayOf(match: RegExpExecArray, bc: boolean): number | undefined {
  const written = Number(match[1]);
  const year = bc ? 1 - written : written;
  const month = Number(match[2]);
  const day = Number(match[3]);
  if (written === 0 || month < 1 || month > 12) return undefined;
  return day < 1 || day > daysInMonth(year, month) ? undefined : daysFromCivil(year, month, day);
}

function timeOfDay(text: string): bigint | undefined {
  const clock = CLOCK.exec(text);
  if (clock?.[0] !== text) return undefined;
  const micros = microsOf(clock);
  return micros === undefined || micros > MICROS_PER_DAY ? undefined : micros;
}

function microsOf([, hours, minutes, seconds = '0', fraction = '']: RegExpExecArray): bigint | undefined {
  if (Number(hours) > 24 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return BigInt(total) * MICROS_PER_SECOND + BigInt(fraction.padEnd(6, '0'));
}

function zoneSeconds(zone: string): number | undefined {
  if (ZONE.exec(zone)?.[0] !== zone) return undefined;
  if (zone.toUpperCase() === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || '0');
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60);
}

function formatClock(micros: bigint): string {
  const seconds = Number(micros / MICROS_PER_SECOND);
  const fraction = String(micros % MICROS_PER_SECOND)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return fraction === '' ? clock : `${clock}.${fraction}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
