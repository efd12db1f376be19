import type { Condition, Expression, Operation } from './condition.ts';
import { canonicalText } from './constant.ts';
import { BOOLEAN } from './scalar-type.ts';
import type { ScalarType } from './scalar-type.ts';
import { unsupported } from './where-error.ts';

/**
 * A part of a clause while it is checked. A string constant, a parameter or NULL has no type until what stands
 * beside it gives it one.
 */
export type Term =
  | { readonly kind: 'typed'; readonly expression: Expression; readonly position: number | null }
  | { readonly kind: 'untyped'; readonly text: string | null; readonly position: number | null };

/** The type of an expression. */
export function typeOf(expression: Expression): ScalarType {
  return 'type' in expression ? expression.type : BOOLEAN;
}

/** A term of a known type. */
export function typed(expression: Expression, position: number | null): Term {
  return { kind: 'typed', expression, position };
}

/** Gives an untyped term the type `type`, as Postgres reads a string constant; leaves a typed one alone. */
export function withType(term: Term, type: ScalarType): Expression {
  if (term.kind === 'typed') return term.expression;
  if (term.text === null) return { kind: 'constant', type, text: null };
  const text = canonicalText(type, term.text);
  if (text === undefined) {
    throw unsupported(`invalid syntax for type ${nameOf(type)}: ${term.text}`, term.position);
  }
  return { kind: 'constant', type, text };
}

function nameOf(type: ScalarType): string {
  const name = type.sqlName.split('.').at(-1)!.replaceAll('"', '');
  return type.family === 'enum' ? `enum ${name}` : name;
}

/** Whether an expression is NULL whatever the row. */
export function isNull(expression: Expression): boolean {
  if (expression.kind === 'constant') return expression.text === null;
  return expression.kind === 'literal' && expression.value === null;
}

/** A call of an operation; of a constant NULL, which Postgres does not evaluate either, it is NULL. */
export function callOf(operation: Operation, args: readonly Expression[], type: ScalarType): Expression {
  if (args.some(isNull)) return { kind: 'constant', type, text: null };
  return { kind: 'operation', operation, args, type };
}

/** A term as a condition; refused where it is not boolean. */
export function conditionOf(term: Term): Condition {
  const expression = term.kind === 'untyped' && term.text === null ? withType(term, BOOLEAN) : null;
  const node = expression ?? (term.kind === 'typed' ? term.expression : null);
  if (node === null || typeOf(node).family !== 'boolean') {
    throw unsupported('WHERE clause must return a boolean', term.position);
  }
  switch (node.kind) {
    case 'constant':
      return { kind: 'literal', value: node.text === null ? null : node.text === 't' };
    case 'column':
    case 'operation':
    case 'list':
    case 'coalesce':
    case 'extreme':
      return { kind: 'value', part: node };
    default:
      return node;
  }
}
