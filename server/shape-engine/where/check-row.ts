import { compare, distinct } from './check-comparison.ts';
import type { ComparisonOperator, Condition } from './condition.ts';
import type { Term } from './term.ts';
import { unsupported } from './where-error.ts';

type Row = readonly Term[];

/**
 * `(a, b) operator (c, d)`: equal where all items are; less or greater by the first items that are not equal, or are
 * not known to be: those behind them are not looked at, and may fail.
 */
export function compareRows(
  operator: ComparisonOperator,
  left: Row,
  right: Row,
  position: number | null,
): Condition {
  const pairs = pairsOf(left, right, position);
  const each = (way: ComparisonOperator) => pairs.map(([a, b]) => compare(way, a, b, position));
  if (operator === '=') return joined('and', each('='));
  if (operator === '<>') return joined('or', each('<>'));
  const strict = operator.startsWith('<') ? '<' : '>';
  const equal = each('=').map((part) => ({ kind: 'is', part, value: true, negated: false }) as const);
  const before = each(strict);
  const last = compare(operator, ...pairs.at(-1)!, position);
  return before
    .slice(0, -1)
    .reduceRight<Condition>(
      (rest, decided, i) => joined('or', [decided, joined('and', [equal[i]!, rest])]),
      last,
    );
}

/** `(a, b) IN ((c, d), …)`, or NOT IN. */
export function amongRows(
  left: Row,
  rows: readonly Row[],
  negated: boolean,
  position: number | null,
): Condition {
  const any = joined(
    'or',
    rows.map((row) => compareRows('=', left, row, position)),
  );
  return negated ? { kind: 'not', part: any } : any;
}

/** `(a, b) IS [NOT] DISTINCT FROM (c, d)`; `negated` is what says NOT. */
export function distinctRows(left: Row, right: Row, negated: boolean, position: number | null): Condition {
  const parts = pairsOf(left, right, position).map(([a, b]) => distinct(a, b, negated, position));
  return joined(negated ? 'and' : 'or', parts);
}

function pairsOf(left: Row, right: Row, position: number | null): (readonly [Term, Term])[] {
  if (left.length === 0) throw unsupported('cannot compare rows of zero length', position);
  if (left.length !== right.length) {
    throw unsupported('unequal number of entries in row expressions', position);
  }
  return left.map((each, i) => [each, right[i]!]);
}

function joined(kind: 'and' | 'or', parts: readonly Condition[]): Condition {
  return parts.length === 1 ? parts[0]! : { kind, parts };
}
