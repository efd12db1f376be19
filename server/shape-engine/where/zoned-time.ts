const FORM = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|([+-])(\d\d)(?::?(\d\d)(?::?(\d\d))?)?)?$/i;
const MICROS_PER_SECOND = 1_000_000n;
const SECONDS_PER_DAY = 86_400;
/** Postgres's widest zone, in seconds. */
const WIDEST = 16 * 3600;
/** Room below the time for the zone. */
const ZONE_SPAN = BigInt(4 * WIDEST);

/**
 * A `timetz` as one number in Postgres's order: by the moment in UTC, then by the zone, the western one being the
 * greater. Without a zone it is UTC, as in every session of ours. Undefined when the text is none.
 */
export function parseZonedTime(text: string): bigint | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, hours, minutes, seconds = '0', fraction = '', , sign, ...zone] = match;
  const clock = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  const micros = BigInt(clock) * MICROS_PER_SECOND + BigInt(fraction.padEnd(6, '0'));
  const isTime = Number(minutes) < 60 && Number(seconds) < 60;
  if (!isTime || micros > BigInt(SECONDS_PER_DAY) * MICROS_PER_SECOND) return undefined;
  const [zoneHours, zoneMinutes, zoneSeconds] = zone.map((each) => Number((each as string | undefined) ?? 0));
  const width = zoneHours! * 3600 + zoneMinutes! * 60 + zoneSeconds!;
  if (width >= WIDEST || zoneMinutes! > 59 || zoneSeconds! > 59) return undefined;
  const west = sign === '-' ? width : -width;
  return (micros + BigInt(west) * MICROS_PER_SECOND) * ZONE_SPAN + BigInt(west);
}

/** The text of a constant, in the form that Postgres reads in any session. */
export function canonicalZonedTime(text: string): string | undefined {
  if (parseZonedTime(text) === undefined) return undefined;
  return /[+-]|z$/i.test(text) ? text.toUpperCase() : `${text}+00`;
}
