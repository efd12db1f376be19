import { castTo } from './cast.ts';
import type { Scope } from './check-reference.ts';
import { clausePosition, nodeAt } from './parse-where.ts';
import type { ParseNode } from './parse-where.ts';
import { arrayType, builtInType } from './scalar-type.ts';
import type { ScalarType } from './scalar-type.ts';
import { canonicalText } from './constant.ts';
import { typeOf, typed } from './term.ts';
import type { Term } from './term.ts';
import { unsupported } from './where-error.ts';

/** `value::type`: a string constant is read as the type, anything else converted. */
export function castTerm(node: ParseNode, value: Term, scope: Scope): Term {
  const { position } = value;
  const type = namedType(node, scope);
  if (value.kind === 'untyped') {
    const text = value.text === null ? null : canonicalText(type, value.text);
    if (text === undefined) {
      const message = `could not cast value "${value.text}" from text to ${type.sqlName}`;
      throw unsupported(message, position);
    }
    return typed({ kind: 'constant', type, text }, position);
  }
  const cast = castTo(value.expression, type);
  if (cast === undefined) {
    const from = typeOf(value.expression).sqlName;
    throw unsupported(`unknown cast from type ${from} to type ${type.sqlName}`, position);
  }
  return typed(cast, position);
}

/** The type that a cast names. */
export function namedType(node: ParseNode, scope: Scope): ScalarType {
  const written = nodeAt(node, 'typeName');
  const names = written?.['names'];
  const parts = (Array.isArray(names) ? names : []).map((each) => String(nodeAt(each, 'String')?.['sval']));
  const name =
    parts.length === 2 && parts[0] === 'pg_catalog' ? parts[1] : parts.length === 1 ? parts[0] : '';
  const plain = written?.['typmods'] === undefined;
  const type = plain ? (builtInType(name ?? '') ?? scope.type?.(parts)) : undefined;
  if (type !== undefined) return written?.['arrayBounds'] === undefined ? type : arrayType(type);
  throw unsupported(`unsupported type ${parts.join('.')}`, clausePosition(written?.['location']));
}
