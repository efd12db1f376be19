import type { ScalarType } from './scalar-type.ts';

/** A column as conditions see it. */
export interface ConditionColumn {
  readonly name: string;
  readonly type: ScalarType;
}

/** One side of a comparison, checked. A constant's `text` is in the form that Postgres would print. */
export type Operand =
  | { readonly kind: 'column'; readonly column: ConditionColumn }
  | { readonly kind: 'constant'; readonly type: ScalarType; readonly text: string };

export type ComparisonOperator = '=' | '<>' | '<' | '<=' | '>' | '>=';

/**
 * A where-clause, parsed and type-checked. Whatever can stand here is evaluated exactly as Postgres would,
 * three-valued logic included; everything else was refused.
 */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | {
      readonly kind: 'comparison';
      readonly operator: ComparisonOperator;
      readonly left: Operand;
      readonly right: Operand;
    }
  | { readonly kind: 'is_null'; readonly column: ConditionColumn; readonly negated: boolean }
  | { readonly kind: 'literal'; readonly value: boolean | null };

/** Names of the columns that a condition reads. */
export function columnsOf(condition: Condition): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: Condition): void => {
    switch (node.kind) {
      case 'and':
      case 'or':
        return node.parts.forEach(visit);
      case 'not':
        return visit(node.part);
      case 'comparison':
        for (const side of [node.left, node.right]) if (side.kind === 'column') names.add(side.column.name);
        return;
      case 'is_null':
        names.add(node.column.name);
        return;
      case 'literal':
        return;
    }
  };
  visit(condition);
  return names;
}
