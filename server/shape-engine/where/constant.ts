import { formatList, parseArray } from './array-text.ts';
import { canonicalJson } from './json-form.ts';
import { formatInterval, parseInterval } from './interval.ts';
import { formatNumeric, parseNumeric } from './decimal.ts';
import type { ScalarType } from './scalar-type.ts';
import { formatMoment, parseMoment } from './timestamp.ts';
import { canonicalZonedTime } from './zoned-time.ts';

const INTEGER = /^[+-]?\d{1,30}$/;
const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const BYTES = /^\\x(?:[0-9a-f]{2})*$/i;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Postgres accepts each of these, and every unambiguous beginning of a word. */
const TRUE_WORDS = ['true', 'yes', 'on', '1'];
const FALSE_WORDS = ['false', 'no', 'off', '0'];

/**
 * The text that Postgres would print for `text` read as a value of `type`, or undefined where it is no such
 * value. Stricter than Postgres: of its many spellings only the plain ones are taken, since a refused
 * spelling is an error that the author sees, and a misread one would be a wrong row.
 */
export function canonicalText(type: ScalarType, text: string): string | undefined {
  if (text.includes('\0')) return undefined;
  // Postgres's own white space; JavaScript's trim takes more.
  const trimmed = text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '');
  switch (type.family) {
    case 'text':
      return text;
    case 'bpchar':
      return withoutBlanks(text);
    case 'bytea':
      return BYTES.test(text) ? text.toLowerCase() : undefined;
    case 'jsonb':
      return canonicalJson(text);
    case 'enum':
      return type.labels?.includes(text) === true ? text : undefined;
    case 'uuid':
      // A uuid alone may not have white space around it.
      return UUID.test(text) ? text.toLowerCase() : undefined;
    case 'boolean':
      return canonicalBoolean(trimmed.toLowerCase());
    case 'integer':
      return canonicalInteger(trimmed, type.bits ?? 64);
    case 'numeric': {
      const value = parseNumeric(trimmed);
      return value === undefined ? undefined : formatNumeric(value);
    }
    case 'float':
      return canonicalFloat(trimmed, type.bits === 32);
    case 'timestamptz':
    case 'timestamp':
    case 'date':
    case 'time': {
      const micros = parseMoment(type.family, trimmed);
      return micros === undefined ? undefined : formatMoment(type.family, micros);
    }
    case 'timetz':
      return canonicalZonedTime(trimmed);
    case 'interval': {
      const interval = parseInterval(trimmed);
      return interval === undefined ? undefined : formatInterval(interval);
    }
    case 'array':
      return canonicalArray(type.element!, text);
    case 'opaque':
      return undefined;
  }
}

/** Lists only: other dimensions and bounds are seldom meant. */
function canonicalArray(element: ScalarType, text: string): string | undefined {
  const array = parseArray(text);
  if (array === undefined || array.lengths.length > 1 || array.starts.some((start) => start !== 1)) {
    return undefined;
  }
  const items: (string | null)[] = [];
  for (const item of array.items) {
    const canonical = item === null ? null : canonicalText(element, item);
    if (canonical === undefined) return undefined;
    items.push(canonical);
  }
  return formatList(items);
}

function canonicalBoolean(word: string): string | undefined {
  // A lone "o" begins both "on" and "off".
  if (word === '' || word === 'o') return undefined;
  if (TRUE_WORDS.some((each) => each.startsWith(word))) return 't';
  return FALSE_WORDS.some((each) => each.startsWith(word)) ? 'f' : undefined;
}

function canonicalInteger(text: string, bits: number): string | undefined {
  if (!INTEGER.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return BigInt.asIntN(bits, value) === value ? String(value) : undefined;
}

function canonicalFloat(text: string, single: boolean): string | undefined {
  const lower = text.toLowerCase();
  if (lower === 'nan') return 'NaN';
  if (/^[+-]?inf(inity)?$/.test(lower)) return lower.startsWith('-') ? '-Infinity' : 'Infinity';
  if (!DECIMAL.test(text)) return undefined;
  const read = Number(text);
  const value = single ? Math.fround(read) : read;
  // Halfway between two shorter floats: it may be so only because digits were lost before.
  if (single && isHalfway(read)) return undefined;
  // What overflows, or is too small to differ from zero, Postgres refuses as out of range.
  if (!Number.isFinite(value)) return undefined;
  if (value === 0 && /[1-9]/.test(lower.split('e')[0]!)) return undefined;
  return Object.is(value, -0) ? '-0' : String(value);
}

/** Below it a `float4` holds fewer bits. */
const SMALLEST_NORMAL_SINGLE = 2 ** -126;

/** Whether a number has its last bit just behind those that a `float4` holds, or may have. */
function isHalfway(value: number): boolean {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  return (
    value !== 0 &&
    (Math.abs(value) < SMALLEST_NORMAL_SINGLE || (bits.getUint32(4) & 0x1fff_ffff) === 0x1000_0000)
  );
}

/** What a `char(n)` is compared by. */
export function withoutBlanks(text: string): string {
  return text.replace(/ +$/, '');
}
