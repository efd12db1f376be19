import type { Condition } from './condition.ts';
import { compileVerdict } from './evaluator.ts';
import type { IndexOf, Verdict } from './evaluator.ts';
import { EvaluationError } from './evaluation-error.ts';

/** SQL's verdict on a row; null is "unknown", which keeps a row out just as false does. */
export type Predicate = Verdict;

/**
 * Compiles a checked condition once, for rows whose column `name` stands at `indexOf(name)`. A row on which
 * Postgres would fail (`EvaluationError`) counts as unknown.
 */
export function compilePredicate(condition: Condition, indexOf: IndexOf): Predicate {
  const verdict = compileVerdict(condition, indexOf);
  return (row) => {
    try {
      return verdict(row);
    } catch (error) {
      if (error instanceof EvaluationError) return null;
      throw error;
    }
  };
}
