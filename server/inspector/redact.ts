import type { Role } from '@halo/shapes/protocol/auth.ts';

/** Decimals that are left of a position: about a kilometre. */
const DECIMALS = 2;
/** JSON is as deep as its sender wants; what lies deeper than this is left out. */
const MAX_DEPTH = 32;
/** What positions are called in mutations and rows. */
const DEGREES = new Set(['lat', 'lon', 'latitude', 'longitude']);
const ACCURACY = new Set(['accuracyM', 'accuracy_m']);

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

/** JSON with the positions in it as exact as the role may see them. */
export function redactPositions(value: unknown, role: Role): Redacted<unknown> {
  if (EXACT_BESIDE_NAMES[role]) return { value, redacted: false };
  let redacted = false;
  const visit = (each: unknown, depth: number): unknown => {
    if (depth > MAX_DEPTH) return null;
    if (Array.isArray(each)) return each.map((item) => visit(item, depth + 1));
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(
      Object.entries(each).map(([name, member]) => {
        if (typeof member === 'number' && DEGREES.has(name)) {
          redacted = true;
          return [name, coarse(member)];
        }
        if (ACCURACY.has(name) && member !== null) {
          redacted = true;
          return [name, null];
        }
        return [name, visit(member, depth + 1)];
      }),
    );
  };
  return { value: visit(value, 0), redacted };
}

/** A row's value as text, by its column; JSON within it, too. */
export function redactColumn(
  name: string,
  type: string,
  text: string | null,
  role: Role,
): Redacted<string | null> {
  if (text === null || EXACT_BESIDE_NAMES[role]) return { value: text, redacted: false };
  if (DEGREES.has(name)) return { value: String(coarse(Number(text))), redacted: true };
  if (ACCURACY.has(name)) return { value: null, redacted: true };
  if (type !== 'jsonb') return { value: text, redacted: false };
  const { value, redacted } = redactPositions(JSON.parse(text), role);
  return redacted ? { value: JSON.stringify(value), redacted } : { value: text, redacted };
}

function coarse(degrees: number): number {
  return Number(degrees.toFixed(DECIMALS));
}
