import { quoteIdentifier } from '@halo/shapes/catalog/replica-schema.ts';
import type { Condition, Operand } from './condition.ts';

/**
 * SQL of a checked condition. It is printed from the tree and never copied from what was asked, so that
 * nothing reaches Postgres but known columns, known operators and quoted constants. It is also the canonical
 * form that a shape's identity is computed from.
 */
export function conditionSql(condition: Condition): string {
  switch (condition.kind) {
    case 'literal':
      return condition.value === null ? 'NULL::bool' : String(condition.value);
    case 'not':
      return `(NOT ${conditionSql(condition.part)})`;
    case 'and':
      return `(${condition.parts.map(conditionSql).join(' AND ')})`;
    case 'or':
      return `(${condition.parts.map(conditionSql).join(' OR ')})`;
    case 'is_null':
      return `(${quoteIdentifier(condition.column.name)} IS ${condition.negated ? 'NOT ' : ''}NULL)`;
    case 'comparison':
      return `(${operandSql(condition.left)} ${condition.operator} ${operandSql(condition.right)})`;
  }
}

function operandSql(operand: Operand): string {
  if (operand.kind === 'column') return quoteIdentifier(operand.column.name);
  return `${quoteLiteral(operand.text)}::${operand.type.sqlName}`;
}

/** Quotes a string constant so that it means the same whatever `standard_conforming_strings` says. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}
