import type { Tuple } from '../../change-log/change-log.ts';
import { compareValues, decoder } from './compare.ts';
import type { Comparable } from './compare.ts';
import type { ComparisonOperator, Condition, ConditionColumn, Operand } from './condition.ts';

/** SQL's verdict on a row; null is "unknown", which keeps a row out just as false does. */
export type Predicate = (row: Tuple) => boolean | null;

const VERDICTS: Readonly<Record<ComparisonOperator, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** Compiles a checked condition once, for rows whose column `name` stands at `indexOf(name)`. */
export function compilePredicate(condition: Condition, indexOf: (name: string) => number): Predicate {
  switch (condition.kind) {
    case 'literal':
      return () => condition.value;
    case 'not': {
      const part = compilePredicate(condition.part, indexOf);
      return (row) => {
        const verdict = part(row);
        return verdict === null ? null : !verdict;
      };
    }
    case 'and':
      return combine(condition.parts, indexOf, false);
    case 'or':
      return combine(condition.parts, indexOf, true);
    case 'is_null': {
      const index = indexOf(condition.column.name);
      return condition.negated ? (row) => row[index] !== null : (row) => row[index] === null;
    }
    case 'comparison':
      return comparison(condition.operator, condition.left, condition.right, indexOf);
  }
}

/** AND is decided by a false part, OR by a true one; otherwise an unknown part makes the whole unknown. */
function combine(
  parts: readonly Condition[],
  indexOf: (name: string) => number,
  decisive: boolean,
): Predicate {
  const predicates = parts.map((part) => compilePredicate(part, indexOf));
  return (row) => {
    let verdict: boolean | null = !decisive;
    for (const predicate of predicates) {
      const each = predicate(row);
      if (each === decisive) return decisive;
      if (each === null) verdict = null;
    }
    return verdict;
  };
}

function comparison(
  operator: ComparisonOperator,
  left: Operand,
  right: Operand,
  indexOf: (name: string) => number,
): Predicate {
  const verdict = VERDICTS[operator];
  const a = reader(left, indexOf);
  const b = reader(right, indexOf);
  return (row) => {
    const x = a(row);
    if (x === null) return null;
    const y = b(row);
    return y === null ? null : verdict(compareValues(x, y));
  };
}

function reader(operand: Operand, indexOf: (name: string) => number): (row: Tuple) => Comparable | null {
  if (operand.kind === 'constant') {
    const value = decoder(operand.type)(operand.text);
    return () => value;
  }
  return columnReader(operand.column, indexOf);
}

function columnReader(column: ConditionColumn, indexOf: (name: string) => number) {
  const index = indexOf(column.name);
  const decode = decoder(column.type);
  return (row: Tuple): Comparable | null => {
    const text = row[index];
    if (text === undefined) throw new TypeError(`a row has no column ${column.name}`);
    return text === null ? null : decode(text);
  };
}
