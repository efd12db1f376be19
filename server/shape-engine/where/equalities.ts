import type { Condition, Expression } from './condition.ts';

/** A column that must have one of these values (Postgres's text) for the condition to be true. */
export interface Equalities {
  readonly column: string;
  readonly values: readonly string[];
  /** Of an enumeration: all its labels. A row with another one shows that the type has changed. */
  readonly labels?: readonly string[];
}

/**
 * What the match index can find a shape by: an equality or IN among the condition's conjuncts, the one with
 * fewest values. Null where there is none. Only types whose equal values have equal texts count: a float's
 * zero has two texts, and a time may be written in several zones.
 */
export function equalitiesOf(condition: Condition | null): Equalities | null {
  if (condition === null) return null;
  const conjuncts = condition.kind === 'and' ? condition.parts : [condition];
  let best: Equalities | null = null;
  for (const conjunct of conjuncts) {
    const found = conjunct.kind === 'and' ? equalitiesOf(conjunct) : disjunctEqualities(conjunct);
    if (found !== null && (best === null || found.values.length < best.values.length)) best = found;
  }
  return best;
}

function disjunctEqualities(condition: Condition): Equalities | null {
  if (condition.kind === 'comparison') return comparisonEquality(condition);
  if (condition.kind === 'value') return truth(condition.part, 't');
  if (condition.kind === 'not' && condition.part.kind === 'value') return truth(condition.part.part, 'f');
  if (condition.kind !== 'or') return null;
  const parts = condition.parts.map(disjunctEqualities);
  const column = parts[0]?.column;
  if (column === undefined || parts.some((part) => part?.column !== column)) return null;
  return { ...parts[0]!, values: [...new Set(parts.flatMap((part) => part?.values ?? []))] };
}

/** A boolean column as a condition. */
function truth(part: Expression, text: string): Equalities | null {
  return part.kind === 'column' ? { column: part.column.name, values: [text] } : null;
}

function comparisonEquality(condition: Condition & { kind: 'comparison' }): Equalities | null {
  if (condition.operator !== '=') return null;
  return equality(condition.left, condition.right) ?? equality(condition.right, condition.left);
}

function equality(column: Expression, constant: Expression): Equalities | null {
  if (column.kind !== 'column' || constant.kind !== 'constant' || constant.text === null) return null;
  const { name, type } = column.column;
  switch (type.family) {
    case 'enum':
      return { column: name, values: [constant.text], labels: type.labels! };
    case 'text':
    case 'uuid':
    case 'boolean':
    case 'integer':
      return { column: name, values: [constant.text] };
    case 'float':
    case 'numeric':
    case 'timestamptz':
    case 'timestamp':
    case 'date':
    case 'time':
    case 'timetz':
    case 'interval':
    case 'bpchar':
    case 'bytea':
    case 'jsonb':
    case 'array':
    case 'opaque':
      return null;
  }
}
