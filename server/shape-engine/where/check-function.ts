import { measure } from './check-array.ts';
import type { Expression } from './condition.ts';
import { withBackslashes } from './like.ts';
import { nodeAt } from './parse-where.ts';
import type { ParseNode } from './parse-where.ts';
import { typeOfAll, implicitly } from './unify.ts';
import { withType } from './term.ts';
import { TEXT } from './scalar-type.ts';
import type { Term } from './term.ts';
import { changeCase } from './text-operation.ts';
import { unsupported } from './where-error.ts';

/** A call of a function by its name, on arguments that are checked. */
export function callFunction(node: ParseNode, args: readonly Term[], position: number | null): Expression {
  const names = Array.isArray(node['funcname']) ? node['funcname'] : [];
  const parts = names.map((each) => String(nodeAt(each, 'String')?.['sval']));
  const name = parts.length === 2 && parts[0] === 'pg_catalog' ? parts[1] : parts.join('.');
  const plain = Object.keys(node).every((key) => PLAIN_CALL.has(key));
  const found = plain ? (FUNCTIONS[`${name}/${args.length}`]?.(args, position) ?? undefined) : undefined;
  if (found !== undefined) return found;
  throw unsupported(`unknown or unsupported function ${name}/${args.length}`, position);
}

/** DISTINCT, FILTER, OVER and the like add other keys. */
const PLAIN_CALL = new Set(['funcname', 'args', 'funcformat', 'location']);

type Builder = (args: readonly Term[], position: number | null) => Expression | undefined;

const FUNCTIONS: Readonly<Record<string, Builder>> = {
  'lower/1': (args, position) => caseOf('lower', args, position),
  'upper/1': (args, position) => caseOf('upper', args, position),
  'cardinality/1': (args) => measure('cardinality', args),
  'array_ndims/1': (args) => measure('array_ndims', args),
  'array_length/2': (args) => measure('array_length', args),
  'like_escape/2': ([pattern, escape]) => escapedPattern(pattern!, escape!),
};

function caseOf(which: 'lower' | 'upper', args: readonly Term[], position: number | null) {
  const type = typeOfAll(args, position);
  return type.family === 'text' ? changeCase(which, type, implicitly(args[0]!, type), position) : undefined;
}

/** `'pattern' ESCAPE 'character'`, of constants only: it becomes a pattern with backslashes. */
function escapedPattern(pattern: Term, escape: Term): Expression | undefined {
  if (pattern.kind !== 'untyped' || escape.kind !== 'untyped') return undefined;
  if (pattern.text === null || escape.text === null) return withType({ ...pattern, text: null }, TEXT);
  if ([...escape.text].length > 1) return undefined;
  return withType({ ...pattern, text: withBackslashes(pattern.text, escape.text) }, TEXT);
}
