/** The date of a wall clock's time (milliseconds as if it were UTC) as year, month (1 to 12) and day. */
function dateOf(shownMs: number): { year: number; month: number; day: number } {
  const date = new Date(shownMs);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

const DAY_MS = 86_400_000;
const RADIANS = Math.PI / 180;
/** Fixed days off in Sweden, the eves that are kept like them included: month × 100 + day. */
const FIXED_HOLIDAYS: ReadonlySet<number> = new Set([101, 105, 106, 430, 501, 606, 1224, 1225, 1226, 1231]);
/** Days from Easter Sunday: Good Friday, Easter eve, Easter, Easter Monday, Ascension, Whitsun. */
const EASTER_HOLIDAYS: ReadonlySet<number> = new Set([-2, -1, 0, 1, 39, 49]);

/**
 * Whether a day is a public holiday of Sweden (lag 1989:253) or an eve that is kept as one. `shownMs` is any time of the day on
 * the wall clock.
 */
export function isSwedishHoliday(shownMs: number): boolean {
  const { year, month, day } = dateOf(shownMs);
  if (FIXED_HOLIDAYS.has(month * 100 + day)) return true;
  const sinceEaster = Math.floor(shownMs / DAY_MS) - easterDay(year);
  if (EASTER_HOLIDAYS.has(sinceEaster)) return true;
  const weekday = new Date(shownMs).getUTCDay();
  // Midsummer is the Saturday from 20 to 26 June, All Saints the one from 31 October to 6 November.
  const isMidsummer =
    month === 6 && ((weekday === 6 && day >= 20 && day <= 26) || (weekday === 5 && day >= 19 && day <= 25));
  const isAllSaints = weekday === 6 && ((month === 10 && day === 31) || (month === 11 && day <= 6));
  return isMidsummer || isAllSaints;
}

/** Easter Sunday of the Gregorian calendar, in days since 1970 (Butcher's algorithm, in Meeus, Astronomical Algorithms, ch. 8). */
export function easterDay(year: number): number {
  const a = year % 19;
  const [b, c] = [Math.floor(year / 100), year % 100];
  const [d, e] = [Math.floor(b / 4), b % 4];
  const g = Math.floor((8 * b + 13) / 25);
  const h = (19 * a + b - d - g + 15) % 30;
  const [i, k] = [Math.floor(c / 4), c % 4];
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 19 * l) / 433);
  const month = Math.floor((h + l - 7 * m + 90) / 25);
  const day = (h + l - 7 * m + 33 * month + 19) % 32;
  return Date.UTC(year, month - 1, day) / DAY_MS;
}

/**
 * Hours of a day with the sun over the horizon at a latitude, from the sun's declination (Cooper 1969); good to some ten minutes,
 * refraction left out. 0 in the polar night, 24 at midnight sun.
 */
export function daylightHours(shownMs: number, latitude: number): number {
  const { year } = dateOf(shownMs);
  const dayOfYear = Math.floor((shownMs - Date.UTC(year, 0, 1)) / DAY_MS) + 1;
  const declination = 23.45 * Math.sin(((360 * (284 + dayOfYear)) / 365) * RADIANS);
  const cosine = -Math.tan(latitude * RADIANS) * Math.tan(declination * RADIANS);
  return (2 / 15) * (Math.acos(Math.min(1, Math.max(-1, cosine))) / RADIANS);
}
