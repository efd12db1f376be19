import type { ScalarType } from './scalar-type.ts';
import type { Value } from './value.ts';

/** A column as conditions see it. */
export interface ConditionColumn {
  readonly name: string;
  readonly type: ScalarType;
  /** Its own type is a domain, and `type` what lies beneath. */
  readonly domain?: boolean;
}

export type ComparisonOperator = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** A function or an operator of Postgres. */
export interface Operation {
  /** The SQL of a call, given its arguments' SQL. */
  readonly sql: (...args: readonly string[]) => string;
  /** For arguments none of which is NULL; throws `EvaluationError` where Postgres would fail. */
  readonly evaluate: (...args: Value[]) => Value | null;
  /** For all arguments, of a function that does not give NULL as soon as one of them is NULL. */
  readonly evaluateNulls?: (args: readonly (Value | null)[]) => Value | null;
}

/** The query of an IN (SELECT …), over one table. */
export interface InnerQuery {
  readonly schema: string;
  readonly table: string;
  /** SQL of what it reads from. */
  readonly from: string;
  /** What each of its rows gives, brought to the types of what it is compared with. */
  readonly values: readonly Expression[];
  readonly condition: Condition | null;
}

/** An expression of any type. A constant's `text` is in the form that Postgres would print. */
export type Expression =
  | { readonly kind: 'column'; readonly column: ConditionColumn; readonly type: ScalarType }
  | { readonly kind: 'constant'; readonly type: ScalarType; readonly text: string | null }
  | {
      readonly kind: 'operation';
      readonly operation: Operation;
      readonly args: readonly Expression[];
      readonly type: ScalarType;
    }
  /** ARRAY[…]. */
  | { readonly kind: 'list'; readonly parts: readonly Expression[]; readonly type: ScalarType }
  | { readonly kind: 'coalesce'; readonly parts: readonly Expression[]; readonly type: ScalarType }
  | {
      readonly kind: 'extreme';
      readonly which: 'greatest' | 'least';
      readonly parts: readonly Expression[];
      readonly type: ScalarType;
    }
  | Condition;

/**
 * A where-clause or a part of one that is true, false or unknown, parsed and type-checked. Whatever can stand
 * here is evaluated exactly as Postgres would, three-valued logic included; everything else was refused.
 */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | {
      readonly kind: 'comparison';
      readonly operator: ComparisonOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'distinct';
      readonly left: Expression;
      readonly right: Expression;
      readonly negated: boolean;
    }
  /** `left operator ANY (array)` or ALL; `test` says what the operator says of two values. */
  | {
      readonly kind: 'quantified';
      readonly quantifier: 'ANY' | 'ALL';
      readonly operator: string;
      readonly test: (a: Value, b: Value) => boolean;
      readonly left: Expression;
      readonly array: Expression;
    }
  /** `left IN (SELECT …)`; which values the query gives is no matter of the row, and kept elsewhere. */
  | { readonly kind: 'in_query'; readonly left: readonly Expression[]; readonly query: InnerQuery }
  | { readonly kind: 'is_null'; readonly part: Expression; readonly negated: boolean }
  /** IS TRUE, IS FALSE; IS UNKNOWN is `is_null`. */
  | { readonly kind: 'is'; readonly part: Condition; readonly value: boolean; readonly negated: boolean }
  /** A boolean that is computed: a column, a function, a cast. */
  | { readonly kind: 'value'; readonly part: Expression }
  | { readonly kind: 'literal'; readonly value: boolean | null };

/** Names of the columns that a condition reads. */
export function columnsOf(condition: Expression): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: Expression): void => {
    if (node.kind === 'column') names.add(node.column.name);
    partsOf(node).forEach(visit);
  };
  visit(condition);
  return names;
}

/** What an expression is directly made of. */
export function partsOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'column':
    case 'constant':
    case 'literal':
      return [];
    case 'operation':
      return node.args;
    case 'and':
    case 'or':
    case 'list':
    case 'coalesce':
    case 'extreme':
      return node.parts;
    case 'not':
    case 'is':
    case 'is_null':
    case 'value':
      return [node.part];
    case 'comparison':
    case 'distinct':
      return [node.left, node.right];
    case 'quantified':
      return [node.left, node.array];
    case 'in_query':
      return node.left;
  }
}
