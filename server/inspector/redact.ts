import type { Role } from '@halo/shapes/protocol/auth.ts';

/** Decimals that are left of a position: about a kilometre. */
const DECIMALS = 2;
/** JSON is as deep as its sender wants; what lies deeper than this is left out. */
const MAX_DEPTH = 32;
/** Words in names of degrees. What was rejected was often rejected for its names or types: it is told by its words, not its spelling. */
const DEGREES = new Set(['lat', 'lon', 'lng', 'latitude', 'longitude']);
/** Words in names of what holds a position, in whatever form: GeoJSON, a list, a text. */
const PLACES = new Set([
  ...['location', 'position', 'coordinate', 'coordinates', 'coords', 'geometry', 'point', 'latlon', 'latlng'],
  ...['gps', 'geo', 'bbox'],
]);
const ACCURACY = new Set(['accuracy']);
/** Parts of degrees, which would tell what the degrees' decimals may not. */
const PARTS = new Set(['minute', 'minutes', 'min', 'm', 'second', 'seconds', 'sec', 's']);
/** How many numbers a place may have: a pair, or two pairs around an area. Three may be degrees, minutes and seconds. */
const PAIRED = new Set([2, 4]);
/** Larger numbers in a place are none of degrees, but of a grid that is finer. */
const MAX_DEGREES = 180;
/** Numbers in a text, with all their points. */
const NUMBERS = /[+-]?\d+(?:\.\d+)*/g;
const WITH_ONE_POINT = /^[^.]+\.[^.]+$/;
/** Digits of other scripts, which are numbers to people. */
const OTHER_DIGITS = /[^\P{Nd}0-9]/u;
/** A text that is a number and nothing else. */
const WHOLE_NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;

/**
 * Whether a role may see exactly where somebody was, beside who it was. Officers see where, and not who (decision 0037);
 * operators look after devices, and need neither street nor door. None may see both.
 */
const EXACT_BESIDE_NAMES: Readonly<Record<Role, boolean>> = {
  reporter: false,
  officer: false,
  operator: false,
};

/** A value that may have been coarsened. */
export interface Redacted<T> {
  readonly value: T;
  readonly redacted: boolean;
}

/** JSON with the positions in it as exact as the role may see them, whatever type they came as. */
export function redactPositions(value: unknown, role: Role): Redacted<unknown> {
  if (EXACT_BESIDE_NAMES[role]) return { value, redacted: false };
  const redactor = new Redactor();
  return { value: redactor.visit(value, 'elsewhere', 0), redacted: redactor.redacted };
}

/** Where a value stands: beside any name, within what holds a position, or under the name of degrees. */
type Where = 'elsewhere' | 'place' | 'degrees';

class Redactor {
  redacted = false;

  visit(value: unknown, where: Where, depth: number): unknown {
    if (depth > MAX_DEPTH) return null;
    if (Array.isArray(value)) return this.#list(value, where, depth);
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([name, member]) => [name, this.#member(name, member, where, depth)]),
      );
    }
    return where === 'elsewhere' ? value : this.#coarse(value, where);
  }

  #list(values: readonly unknown[], where: Where, depth: number): unknown {
    const told = values.map((value) => this.visit(value, where, depth + 1));
    const scalars = values.filter((value) => typeof value === 'number' || typeof value === 'string').length;
    const isPlain =
      where === 'elsewhere' || scalars === 0 || (where === 'degrees' ? scalars === 1 : PAIRED.has(scalars));
    if (isPlain) return told;
    this.redacted = true;
    return told.map((value) => (typeof value === 'number' || typeof value === 'string' ? null : value));
  }

  #member(name: string, member: unknown, where: Where, depth: number): unknown {
    const isFiner = hasWord(name, ACCURACY) || (where !== 'elsewhere' && hasWord(name, PARTS));
    if (isFiner && member !== null) {
      this.redacted = true;
      return null;
    }
    const inside = hasWord(name, DEGREES) ? 'degrees' : hasWord(name, PLACES) ? 'place' : where;
    return this.visit(member, inside, depth + 1);
  }

  #coarse(value: unknown, where: 'place' | 'degrees'): unknown {
    if (typeof value === 'number') {
      this.redacted = true;
      return coarse(value);
    }
    if (typeof value !== 'string') return value;
    const told = WHOLE_NUMBER.test(value)
      ? (coarse(Number(value))?.toString() ?? null)
      : where === 'degrees'
        ? null
        : coarseText(value);
    this.redacted ||= told !== value;
    return told;
  }
}

/** Degrees with a point are coarsened. Minutes and seconds, a decimal comma or a house's number are told by none of their digits. */
function coarseText(text: string): string | null {
  const numbers = text.match(NUMBERS) ?? [];
  if (OTHER_DIGITS.test(text)) return null;
  if (numbers.length > 0 && !PAIRED.has(numbers.length)) return null;
  if (!numbers.every((number) => WITH_ONE_POINT.test(number))) return null;
  return text.replaceAll(NUMBERS, (number) => String(coarse(Number(number)) ?? ''));
}

/** A row's value as text, by its column; JSON within it, too. */
export function redactColumn(
  name: string,
  type: string,
  text: string | null,
  role: Role,
): Redacted<string | null> {
  if (text === null || EXACT_BESIDE_NAMES[role]) return { value: text, redacted: false };
  if (hasWord(name, DEGREES)) return { value: coarse(Number(text))?.toString() ?? null, redacted: true };
  if (hasWord(name, ACCURACY)) return { value: null, redacted: true };
  if (type !== 'jsonb') return { value: text, redacted: false };
  const { value, redacted } = redactPositions(JSON.parse(text), role);
  return redacted ? { value: JSON.stringify(value), redacted } : { value: text, redacted };
}

function coarse(degrees: number): number | null {
  return Math.abs(degrees) <= MAX_DEGREES ? Number(degrees.toFixed(DECIMALS)) : null;
}

/** Whether one of the words of a name, in camelCase, snake_case or otherwise, is among `words`. */
function hasWord(name: string, words: ReadonlySet<string>): boolean {
  return name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .some((word) => words.has(word));
}
