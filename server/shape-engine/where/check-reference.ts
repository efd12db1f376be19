import type { ConditionColumn } from './condition.ts';
import { clausePosition, isNode, nodeAt } from './parse-where.ts';
import type { ParseNode } from './parse-where.ts';
import { BOOLEAN, INT4, INT8, NUMERIC } from './scalar-type.ts';
import type { ScalarType } from './scalar-type.ts';
import { canonicalText } from './constant.ts';
import { typed } from './term.ts';
import type { Term } from './term.ts';
import { unsupported } from './where-error.ts';

/** What names in a clause mean: the table's columns, and the values of $1, $2, …. */
export interface Scope {
  readonly schema: string;
  readonly table: string;
  /** The column's type for conditions; `unsupported` for one of another type; undefined where there is none. */
  column(name: string): ConditionColumn | 'unsupported' | undefined;
  readonly params: readonly string[];
  /** A type that is not built in, by the parts of its name. */
  type?(name: readonly string[]): ScalarType | undefined;
  /** What a table of a subquery is; without it there are no subqueries. */
  inner?(schema: string, table: string, position: number | null): InnerScope;
}

/** The scope of a subquery's own clause. */
export interface InnerScope extends Scope {
  /** SQL of what the subquery reads from. */
  readonly from: string;
}

/** Finds the column that a reference names, with or without its table. */
export function columnTerm(reference: ParseNode, scope: Scope): Term {
  const position = clausePosition(reference['location']);
  const fields = Array.isArray(reference['fields']) ? reference['fields'] : [];
  const names = fields.map((field) => nodeAt(field, 'String')?.['sval']);
  const name = names.at(-1);
  const qualifiers = names.slice(0, -1);
  const expected = [scope.schema, scope.table].slice(2 - qualifiers.length);
  const known = qualifiers.length <= 2 && qualifiers.every((each, i) => each === expected[i]);
  const column = typeof name === 'string' && known ? scope.column(name) : undefined;
  if (column === undefined) {
    throw unsupported(
      `unknown reference ${names.map((each) => (typeof each === 'string' ? each : '*')).join('.')}`,
      position,
    );
  }
  if (column === 'unsupported') {
    throw unsupported(`Column ${String(name)} has an unsupported type.`, position);
  }
  return typed({ kind: 'column', column, type: column.type }, position);
}

/** A parameter's value; its type comes from what stands beside it, as a string constant's does. */
export function parameterTerm(node: ParseNode, scope: Scope): Term {
  const number = node['number'];
  const position = clausePosition(node['location']);
  const text = typeof number === 'number' ? scope.params[number - 1] : undefined;
  if (text === undefined) throw unsupported(`parameter $${String(number)} was not provided`, position);
  return { kind: 'untyped', text, position };
}

/** Protobuf's JSON leaves out zero, false and the empty string. */
export function constantTerm(node: ParseNode): Term {
  const position = clausePosition(node['location']);
  if (node['isnull'] === true) return { kind: 'untyped', text: null, position };
  if (isNode(node['ival'])) return number(textOf(node['ival']['ival'], '0'), position);
  if (isNode(node['fval'])) return number(textOf(node['fval']['fval'], ''), position);
  if (isNode(node['sval'])) return { kind: 'untyped', text: textOf(node['sval']['sval'], ''), position };
  if (isNode(node['boolval'])) {
    const text = node['boolval']['boolval'] === true ? 't' : 'f';
    return typed({ kind: 'constant', type: BOOLEAN, text }, position);
  }
  throw unsupported('This kind of constant is not supported.', position);
}

/** A number has the first of these types that holds it. */
function number(text: string, position: number | null): Term {
  const types: readonly ScalarType[] = [INT4, INT8, NUMERIC];
  const type = types.find((each) => canonicalText(each, text) !== undefined);
  const canonical = type && canonicalText(type, text);
  if (type === undefined || canonical === undefined) {
    throw unsupported('This kind of number is not supported.', position);
  }
  return typed({ kind: 'constant', type, text: canonical }, position);
}

function textOf(value: unknown, absent: string): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : absent;
}
