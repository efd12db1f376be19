import type { Tuple } from '../../change-log/change-log.ts';
import { compareValues, decoder, orderTest } from './compare.ts';
import type { ComparisonOperator, Condition, ConditionColumn, Expression } from './condition.ts';
import { EvaluationError } from './evaluation-error.ts';
import type { ArrayValue, Value } from './value.ts';

/** An expression's value on a row; null is NULL. */
export type Evaluator = (row: Tuple) => Value | null;
/** SQL's verdict on a row; null is "unknown". */
export type Verdict = (row: Tuple) => boolean | null;
/** Where the column of a name stands in a row. */
export type IndexOf = (name: string) => number;

/** Compiles an expression of any type; what it returns throws `EvaluationError` where Postgres would fail. */
export function compileExpression(node: Expression, indexOf: IndexOf): Evaluator {
  switch (node.kind) {
    case 'column':
      return columnReader(node.column, indexOf);
    case 'constant': {
      const value = node.text === null ? null : decoder(node.type)(node.text);
      return () => value;
    }
    case 'operation': {
      const { evaluate, evaluateNulls } = node.operation;
      const args = node.args.map((each) => compileExpression(each, indexOf));
      return evaluateNulls === undefined
        ? call(evaluate, args)
        : (row) => evaluateNulls(args.map((arg) => arg(row)));
    }
    case 'list': {
      const parts = node.parts.map((each) => compileExpression(each, indexOf));
      return (row) => listOf(parts.map((part) => part(row)));
    }
    case 'coalesce':
      return coalesce(node.parts.map((each) => compileExpression(each, indexOf)));
    case 'extreme':
      return extreme(
        node.parts.map((each) => compileExpression(each, indexOf)),
        node.which === 'least' ? -1 : 1,
      );
    default:
      return compileVerdict(node, indexOf);
  }
}

/**
 * NULL when an argument is NULL, even if another one fails: where Postgres knows beforehand that one is, it
 * does not evaluate the others.
 */
function call(evaluate: (...args: Value[]) => Value | null, args: readonly Evaluator[]): Evaluator {
  return (row) => {
    const values: Value[] = [];
    let failure: EvaluationError | null = null;
    for (const arg of args) {
      try {
        const value = arg(row);
        if (value === null) return null;
        values.push(value);
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
        failure = error;
      }
    }
    if (failure !== null) throw failure;
    return evaluate(...values);
  };
}

/** Parts behind the first that is not NULL are never evaluated. */
function coalesce(parts: readonly Evaluator[]): Evaluator {
  return (row) => {
    for (const part of parts) {
      const value = part(row);
      if (value !== null) return value;
    }
    return null;
  };
}

/** The greatest (`sign` 1) or least (-1) of those that are not NULL; the first of equal ones. */
function extreme(parts: readonly Evaluator[], sign: 1 | -1): Evaluator {
  return (row) => {
    let best: Value | null = null;
    for (const part of parts) {
      const value = part(row);
      if (value === null) continue;
      if (best === null || compareValues(value, best) * sign > 0) best = value;
    }
    return best;
  };
}

function listOf(items: readonly (Value | null)[]): ArrayValue {
  const empty = items.length === 0;
  return { items, lengths: empty ? [] : [items.length], starts: empty ? [] : [1] };
}

function columnReader(column: ConditionColumn, indexOf: IndexOf): Evaluator {
  const index = indexOf(column.name);
  const decode = decoder(column.type);
  return (row) => {
    const text = row[index];
    if (text === undefined) throw new TypeError(`a row has no column ${column.name}`);
    return text === null ? null : decode(text);
  };
}

/** As `compileExpression`, for a condition. */
export function compileVerdict(condition: Condition, indexOf: IndexOf): Verdict {
  switch (condition.kind) {
    case 'literal':
      return () => condition.value;
    case 'not': {
      const part = compileVerdict(condition.part, indexOf);
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
      const part = compileExpression(condition.part, indexOf);
      return condition.negated ? (row) => part(row) !== null : (row) => part(row) === null;
    }
    case 'is': {
      const part = compileVerdict(condition.part, indexOf);
      const { value, negated } = condition;
      return (row) => (part(row) === value) !== negated;
    }
    case 'value':
      return compileExpression(condition.part, indexOf) as Verdict;
    case 'comparison':
      return comparison(condition.operator, condition.left, condition.right, indexOf);
    case 'distinct':
      return distinct(condition, indexOf);
    case 'quantified':
      return quantified(condition, indexOf);
    case 'in_query':
      throw new TypeError('a subquery is not decided by the row alone');
  }
}

/**
 * AND is decided by a false part, OR by a true one; otherwise an unknown part makes the whole unknown. Postgres
 * may evaluate the parts in any order, so a part that fails decides nothing as long as another one does.
 */
function combine(parts: readonly Condition[], indexOf: IndexOf, decisive: boolean): Verdict {
  const predicates = parts.map((part) => compileVerdict(part, indexOf));
  return (row) => {
    let verdict: boolean | null = !decisive;
    let failure: EvaluationError | null = null;
    for (const predicate of predicates) {
      try {
        const each = predicate(row);
        if (each === decisive) return decisive;
        if (each === null) verdict = null;
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
        failure = error;
      }
    }
    if (failure !== null) throw failure;
    return verdict;
  };
}

function comparison(
  operator: ComparisonOperator,
  left: Expression,
  right: Expression,
  indexOf: IndexOf,
): Verdict {
  const verdict = orderTest(operator);
  const a = compileExpression(left, indexOf);
  const b = compileExpression(right, indexOf);
  // As `call`, without its list of arguments: most conditions are comparisons.
  return (row) => {
    let x: Value | null;
    try {
      x = a(row);
    } catch (error) {
      if (error instanceof EvaluationError && b(row) === null) return null;
      throw error;
    }
    if (x === null) return null;
    const y = b(row);
    return y === null ? null : verdict(compareValues(x, y));
  };
}

function distinct(condition: Condition & { kind: 'distinct' }, indexOf: IndexOf): Verdict {
  const a = compileExpression(condition.left, indexOf);
  const b = compileExpression(condition.right, indexOf);
  return (row) => {
    const x = a(row);
    const y = b(row);
    const same = x === null || y === null ? x === y : compareValues(x, y) === 0;
    return same === condition.negated;
  };
}

/** ANY is an OR of all items, ALL an AND; of no items they are false and true, even for NULL. */
function quantified(condition: Condition & { kind: 'quantified' }, indexOf: IndexOf): Verdict {
  const left = compileExpression(condition.left, indexOf);
  const array = compileExpression(condition.array, indexOf);
  const decisive = condition.quantifier === 'ANY';
  return (row) => {
    const x = left(row);
    const items = (array(row) as ArrayValue | null)?.items;
    if (items === undefined) return null;
    let verdict: boolean | null = !decisive;
    for (const item of items) {
      const each = x === null || item === null ? null : condition.test(x, item);
      if (each === decisive) return decisive;
      if (each === null) verdict = null;
    }
    return verdict;
  };
}
