import { castTo } from './cast.ts';
import type { Expression } from './condition.ts';
import { FLOAT8, TEXT, arrayType, isMoment, isNumber, isSingle, textType } from './scalar-type.ts';
import type { Collation, ScalarType } from './scalar-type.ts';
import { typeOf, withType } from './term.ts';
import type { Term } from './term.ts';
import { unsupported } from './where-error.ts';

const NUMBERS = ['integer', 'numeric', 'float'];
const MOMENTS = ['date', 'timestamp', 'timestamptz'];

/** The type that values of both types are brought to; undefined where Postgres finds none. */
export function commonType(a: ScalarType, b: ScalarType): ScalarType | undefined {
  if (isText(a) && a.family === b.family) return commonText(a, b);
  if (a.element !== undefined && b.element !== undefined) return commonArray(a, b);
  if (a.sqlName === b.sqlName) return a.family === 'opaque' ? undefined : a;
  if (a.family === 'integer' && b.family === 'integer') return (a.bits ?? 0) > (b.bits ?? 0) ? a : b;
  if (isNumber(a) && isNumber(b)) {
    // Operators know no numbers beside a float4 but floats of both lengths.
    if (isSingle(a) || isSingle(b)) return FLOAT8;
    return NUMBERS.indexOf(a.family) > NUMBERS.indexOf(b.family) ? a : b;
  }
  if (isMoment(a) && isMoment(b)) return MOMENTS.indexOf(a.family) > MOMENTS.indexOf(b.family) ? a : b;
  return undefined;
}

function isText(type: ScalarType): boolean {
  return type.family === 'text' || type.family === 'bpchar';
}

/** Arrays are compared with arrays of the same type. */
function commonArray(a: ScalarType, b: ScalarType): ScalarType | undefined {
  const element = a.sqlName === b.sqlName ? commonType(a.element!, b.element!) : undefined;
  return element && arrayType(element);
}

/** Any collation wins over the database's own; two others have no order in common. */
function commonText(a: ScalarType, b: ScalarType): ScalarType | undefined {
  const [x, y] = [a.collation!, b.collation!];
  if (x.name === y.name) return x.ordered ? a : b;
  const winner: Collation | undefined = x.name === 'default' ? y : y.name === 'default' ? x : undefined;
  return winner && textType(winner, a.family as 'text' | 'bpchar');
}

/** The common type of terms; untyped ones follow the others, and are text where there are none. */
export function typeOfAll(terms: readonly Term[], position: number | null): ScalarType {
  let type: ScalarType | undefined;
  for (const term of terms) {
    if (term.kind === 'untyped') continue;
    const own = typeOf(term.expression);
    type = type === undefined ? own : commonType(type, own);
    if (type === undefined) throw noOverload(position);
  }
  if (type?.family === 'opaque') throw noOverload(position);
  return type ?? TEXT;
}

/**
 * The same for values of which one is chosen: there Postgres makes a `float4` of the other numbers beside one,
 * which operators do not.
 */
export function typeOfChoice(terms: readonly Term[], position: number | null): ScalarType {
  const type = typeOfAll(terms, position);
  const own = terms.flatMap((term) => (term.kind === 'typed' ? [typeOf(term.expression)] : []));
  const mixed = own.some(isSingle) && own.some((each) => isNumber(each) && each.family !== 'float');
  if (mixed) throw noOverload(position);
  return type;
}

/** A term as a value of `type`, by the casts that Postgres makes by itself. */
export function implicitly(term: Term, type: ScalarType): Expression {
  const expression = withType(term, type);
  const cast = castTo(expression, type);
  if (cast === undefined) throw noOverload(term.position);
  return cast;
}

/** Both sides of an operator, brought to their common type. */
export function unify(left: Term, right: Term, position: number | null) {
  const type = typeOfAll([left, right], position);
  return { type, left: implicitly(left, type), right: implicitly(right, type) };
}

/** Postgres has no such operator for these types, or we know none that is exact. */
export function noOverload(position: number | null) {
  return unsupported('Could not select an operator overload', position);
}
