import type { ConditionColumn, Operand } from './condition.ts';
import { canonicalText } from './constant.ts';
import { clausePosition, isNode, nodeAt } from './parse-where.ts';
import type { ParseNode } from './parse-where.ts';
import { builtInType } from './scalar-type.ts';
import type { ScalarType } from './scalar-type.ts';
import { unsupported } from './where-error.ts';

/** What names in a clause mean: the table's columns, and the values of $1, $2, …. */
export interface Scope {
  readonly schema: string;
  readonly table: string;
  /** The column's type for conditions; `unsupported` for one of another type; undefined where there is none. */
  column(name: string): ConditionColumn | 'unsupported' | undefined;
  readonly params: readonly string[];
}

/** An operand before its type is known: a string or parameter takes the type of the other side. */
export type RawOperand =
  | { readonly kind: 'column'; readonly column: ConditionColumn }
  | {
      readonly kind: 'untyped' | 'integer' | 'decimal';
      readonly text: string;
      readonly position: number | null;
    }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly position: number | null }
  | {
      readonly kind: 'cast';
      readonly type: ScalarType;
      readonly text: string;
      readonly position: number | null;
    }
  | { readonly kind: 'null'; readonly position: number | null };

/** Reads one side of a comparison. */
export function rawOperand(node: unknown, scope: Scope): RawOperand {
  const column = nodeAt(node, 'ColumnRef');
  if (column !== undefined) return { kind: 'column', column: resolveColumn(column, scope) };
  const param = nodeAt(node, 'ParamRef');
  if (param !== undefined) return parameter(param, scope);
  const constant = nodeAt(node, 'A_Const');
  if (constant !== undefined) return constantOperand(constant);
  const cast = nodeAt(node, 'TypeCast');
  if (cast !== undefined) return castOperand(cast, scope);
  throw unsupported(`This kind of expression is not supported: ${kindOf(node)}.`, positionOf(node));
}

/** Finds the column that a reference names, with or without its table. */
export function resolveColumn(reference: ParseNode, scope: Scope): ConditionColumn {
  const position = clausePosition(reference['location']);
  const fields = Array.isArray(reference['fields']) ? reference['fields'] : [];
  const names = fields.map((field) => nodeAt(field, 'String')?.['sval']);
  const name = names.at(-1);
  const qualifiers = names.slice(0, -1);
  const expected = [scope.schema, scope.table].slice(2 - qualifiers.length);
  if (
    typeof name !== 'string' ||
    qualifiers.length > 2 ||
    qualifiers.some((each, i) => each !== expected[i])
  ) {
    throw unsupported('A reference is not to a column of the shape’s table.', position);
  }
  const column = scope.column(name);
  if (column === undefined) throw unsupported(`There is no column ${name}.`, position);
  if (column === 'unsupported') throw unsupported(`Column ${name} has an unsupported type.`, position);
  return column;
}

function parameter(node: ParseNode, scope: Scope): RawOperand {
  const number = node['number'];
  const position = clausePosition(node['location']);
  const text = typeof number === 'number' ? scope.params[number - 1] : undefined;
  if (text === undefined) throw unsupported(`There is no value for $${String(number)}.`, position);
  return { kind: 'untyped', text, position };
}

/** Protobuf's JSON leaves out zero, false and the empty string. */
function constantOperand(node: ParseNode): RawOperand {
  const position = clausePosition(node['location']);
  if (node['isnull'] === true) return { kind: 'null', position };
  if (isNode(node['ival'])) return { kind: 'integer', text: textOf(node['ival']['ival'], '0'), position };
  if (isNode(node['boolval'])) {
    return { kind: 'boolean', value: node['boolval']['boolval'] === true, position };
  }
  if (isNode(node['sval'])) return { kind: 'untyped', text: textOf(node['sval']['sval'], ''), position };
  if (isNode(node['fval'])) {
    const text = textOf(node['fval']['fval'], '');
    return { kind: /^[+-]?\d+$/.test(text) ? 'integer' : 'decimal', text, position };
  }
  throw unsupported('This kind of constant is not supported.', position);
}

function textOf(value: unknown, absent: string): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : absent;
}

function castOperand(node: ParseNode, scope: Scope): RawOperand {
  const position = clausePosition(node['location']);
  const names = nodeAt(node, 'typeName')?.['names'];
  const parts = (Array.isArray(names) ? names : []).map((each) => nodeAt(each, 'String')?.['sval']);
  const name = parts.length === 2 && parts[0] === 'pg_catalog' ? parts[1] : parts[0];
  const plain =
    nodeAt(node, 'typeName')?.['typemod'] === -1 && !Object.hasOwn(nodeAt(node, 'typeName')!, 'arrayBounds');
  const type = typeof name === 'string' && parts.length <= 2 && plain ? builtInType(name) : undefined;
  const inner = rawOperand(node['arg'], scope);
  if (type === undefined || inner.kind !== 'untyped') {
    throw unsupported('Only string constants and parameters can be cast, to a supported type.', position);
  }
  return { kind: 'cast', type, text: inner.text, position };
}

/** Gives a constant the type that it has beside `column`, as Postgres would resolve the operator. */
export function constantBeside(raw: RawOperand, column: ConditionColumn): Operand {
  if (raw.kind === 'column') return raw;
  const type = raw.kind === 'null' ? undefined : typeBeside(raw, column.type);
  const text = raw.kind === 'null' || raw.kind === 'boolean' ? undefined : raw.text;
  const canonical =
    raw.kind === 'boolean' ? (raw.value ? 't' : 'f') : type && canonicalText(type, text ?? '');
  if (type === undefined) {
    throw unsupported(`Column ${column.name} cannot be compared with this value.`, raw.position);
  }
  if (canonical === undefined) {
    throw unsupported(
      `The value beside ${column.name} is not a ${type.family} in a supported form.`,
      raw.position,
    );
  }
  return { kind: 'constant', type, text: canonical };
}

function typeBeside(raw: Exclude<RawOperand, { kind: 'column' | 'null' }>, beside: ScalarType) {
  switch (raw.kind) {
    case 'untyped':
      return beside;
    case 'integer':
      // An integer constant is wider than the column when it must be; the comparison stays exact.
      if (beside.family === 'integer') return builtInType('int8');
      return beside.family === 'float' ? beside : undefined;
    case 'decimal':
      return beside.family === 'float' ? beside : undefined;
    case 'boolean':
      return beside.family === 'boolean' ? beside : undefined;
    case 'cast':
      if (raw.type.family !== beside.family) return undefined;
      // A cast text constant keeps the column's collation, hence its order.
      return raw.type.family === 'text' ? beside : raw.type;
  }
}

function kindOf(node: unknown): string {
  return isNode(node) ? (Object.keys(node)[0] ?? 'nothing') : 'nothing';
}

/** Where an expression of any kind stands in the clause. */
export function positionOf(node: unknown): number | null {
  const inner = isNode(node) ? Object.values(node)[0] : undefined;
  return isNode(inner) ? clausePosition(inner['location']) : null;
}
