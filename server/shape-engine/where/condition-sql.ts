import { quoteIdentifier } from '@halo/shapes/catalog/replica-schema.ts';
import type { Expression, InnerQuery } from './condition.ts';

/**
 * SQL of a checked condition. It is printed from the tree and never copied from what was asked, so that
 * nothing reaches Postgres but known columns, known operators and quoted constants. It is also the canonical
 * form that a shape's identity is computed from.
 */
export function conditionSql(node: Expression): string {
  switch (node.kind) {
    case 'literal':
      return node.value === null ? 'NULL::bool' : String(node.value);
    case 'constant':
      return `${node.text === null ? 'NULL' : quoteLiteral(node.text)}::${node.type.sqlName}`;
    case 'column': {
      const name = quoteIdentifier(node.column.name);
      return node.column.domain === true ? `${name}::${node.type.sqlName}` : name;
    }
    case 'value':
      return conditionSql(node.part);
    case 'not':
      return `(NOT ${conditionSql(node.part)})`;
    case 'and':
      return `(${node.parts.map(conditionSql).join(' AND ')})`;
    case 'or':
      return `(${node.parts.map(conditionSql).join(' OR ')})`;
    case 'is_null':
      return `(${conditionSql(node.part)} IS ${node.negated ? 'NOT ' : ''}NULL)`;
    case 'is':
      return `(${conditionSql(node.part)} IS ${node.negated ? 'NOT ' : ''}${node.value ? 'TRUE' : 'FALSE'})`;
    case 'comparison':
      return `(${conditionSql(node.left)} ${node.operator} ${conditionSql(node.right)})`;
    case 'distinct':
      return `(${conditionSql(node.left)} IS ${node.negated ? 'NOT ' : ''}DISTINCT FROM ${conditionSql(node.right)})`;
    case 'operation':
      return `(${node.operation.sql(...node.args.map(conditionSql))})`;
    case 'list':
      return `ARRAY[${node.parts.map(conditionSql).join(', ')}]::${node.type.sqlName}`;
    case 'quantified':
      return `(${conditionSql(node.left)} ${node.operator} ${node.quantifier} (${conditionSql(node.array)}))`;
    case 'in_query':
      return `(${rowSql(node.left)} IN (${innerSql(node.query)}))`;
    case 'coalesce':
      return `coalesce(${node.parts.map(conditionSql).join(', ')})`;
    case 'extreme':
      return `${node.which}(${node.parts.map(conditionSql).join(', ')})`;
  }
}

function innerSql({ values, from, condition }: InnerQuery): string {
  const where = condition === null ? '' : ` WHERE ${conditionSql(condition)}`;
  return `SELECT ${values.map(conditionSql).join(', ')} FROM ${from}${where}`;
}

/** One value, or a row of several. */
export function rowSql(values: readonly Expression[]): string {
  const [first] = values;
  return values.length === 1 ? conditionSql(first!) : `(${values.map(conditionSql).join(', ')})`;
}

/** Quotes a string constant so that it means the same whatever `standard_conforming_strings` says. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}
