import { partsOf } from '../where/condition.ts';
import type { Condition, Expression, InnerQuery } from '../where/condition.ts';
import { conditionSql } from '../where/condition-sql.ts';
import { unsupported } from '../where/where-error.ts';

/** Parts that a row is tagged by, and groups of them, at most. */
const MAX_LITERALS = 64;
const MAX_GROUPS = 256;

/** A part of a condition that is true or not, its negation included. */
export type Literal =
  /** What the row alone decides. */
  | { readonly kind: 'plain'; readonly condition: Condition }
  | {
      readonly kind: 'in_query';
      readonly left: readonly Expression[];
      readonly query: InnerQuery;
      /** NOT IN. */
      readonly negated: boolean;
    };

/**
 * A condition as a disjunction of conjunctions: it is true where all literals of one group are. NOT is carried down to
 * the literals, which SQL's logic of three values allows, too.
 */
export interface NormalForm {
  readonly literals: readonly Literal[];
  /** Indexes of literals. */
  readonly groups: readonly (readonly number[])[];
}

/** Brings a condition into its normal form; parts without subqueries stay whole. Throws `where_unsupported`. */
export function normalForm(condition: Condition): NormalForm {
  const literals: Literal[] = [];
  const known = new Map<string, number>();
  const groupsOf = (node: Condition, negated: boolean): number[][] => {
    if (!hasQuery(node)) return [[index({ kind: 'plain', condition: negated ? negation(node) : node })]];
    switch (node.kind) {
      case 'in_query':
        return [[index({ ...node, negated })]];
      case 'not':
        return groupsOf(node.part, !negated);
      case 'and':
      case 'or': {
        const parts = merged(node.kind, node.parts).map((part) => groupsOf(part, negated));
        return (node.kind === 'or') === negated ? product(parts) : parts.flat();
      }
      default:
        throw unsupported('A subquery may stand under AND, OR and NOT, and under nothing else.', null);
    }
  };
  const index = (literal: Literal): number => {
    const name = nameOf(literal);
    const found = known.get(name);
    if (found !== undefined) return found;
    known.set(name, literals.length);
    literals.push(literal);
    return literals.length - 1;
  };
  const groups = groupsOf(condition, false);
  if (literals.length > MAX_LITERALS || groups.length > MAX_GROUPS) throw tooMany();
  refuseNegatedRows(literals);
  return { literals, groups };
}

/** Parts without subqueries are one literal together. */
function merged(kind: 'and' | 'or', parts: readonly Condition[]): readonly Condition[] {
  const plain = parts.filter((part) => !hasQuery(part));
  if (plain.length < 2) return parts;
  const first = parts.indexOf(plain[0]!);
  const whole: Condition = { kind, parts: plain };
  return parts.flatMap((part, i) => (i === first ? [whole] : hasQuery(part) ? [part] : []));
}

function product(parts: readonly (readonly (readonly number[])[])[]): number[][] {
  let groups: number[][] = [[]];
  for (const part of parts) {
    if (groups.length * part.length > MAX_GROUPS) throw tooMany();
    groups = groups.flatMap((group) => part.map((each) => [...new Set([...group, ...each])]));
  }
  return groups;
}

function hasQuery(node: Expression): boolean {
  return node.kind === 'in_query' || partsOf(node).some(hasQuery);
}

function negation(part: Condition): Condition {
  return part.kind === 'not' ? part.part : { kind: 'not', part };
}

function nameOf(literal: Literal): string {
  if (literal.kind === 'plain') return conditionSql(literal.condition);
  const { left, query, negated } = literal;
  return `${negated ? 'NOT ' : ''}${conditionSql({ kind: 'in_query', left, query })}`;
}

/** Whether a row with a NULL in it is among others is known only by comparing it with each of them. */
function refuseNegatedRows(literals: readonly Literal[]): void {
  const isRow = (each: Literal) => each.kind === 'in_query' && each.negated && each.left.length > 1;
  if (literals.some(isRow)) throw unsupported('NOT IN of several columns is not supported.', null);
}

function tooMany(): Error {
  return unsupported('The where-clause has too many parts beside its subqueries.', null);
}
