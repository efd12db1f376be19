/**
 * An expression that Postgres would refuse to evaluate on this row (overflow, division by zero). Its query
 * has no answer then; see docs/where-clauses.md for what that means for a row of a live shape.
 */
export class EvaluationError extends Error {}
