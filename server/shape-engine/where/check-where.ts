import { isHaloError } from '../../platform/errors.ts';
import { callFunction } from './check-function.ts';
import { slice } from './array-operation.ts';
import { arrayOf, contains, isContainment, quantify, subscript } from './check-array.ts';
import { castTerm, namedType } from './check-cast.ts';
import { among, between, distinct, extreme, isComparison } from './check-comparison.ts';
import type { ListItem } from './check-comparison.ts';
import { binary, unary } from './check-operator.ts';
import { inQuery } from './check-subquery.ts';
import { columnTerm, constantTerm, parameterTerm } from './check-reference.ts';
import type { Scope } from './check-reference.ts';
import { amongRows, compareRows, distinctRows } from './check-row.ts';
import type { Condition, Expression } from './condition.ts';
import { clausePosition, hasColumn, isNode, nodeAt, parseWhere } from './parse-where.ts';
import type { ParseNode } from './parse-where.ts';
import { TEXT } from './scalar-type.ts';
import { conditionOf, typed, withType } from './term.ts';
import type { Term } from './term.ts';
import { implicitly, typeOfChoice } from './unify.ts';
import { countedInCharacters, unsupported } from './where-error.ts';

/** Deeper nesting than this is refused: it would overflow the stack before it meant anything. */
const MAX_DEPTH = 100;

/** Parses and checks a where-clause; throws `where_unsupported` for what cannot be evaluated exactly. */
export function checkWhere(clause: string, scope: Scope): Condition {
  const tree = parseWhere(clause);
  try {
    return new Checker(scope).whole(tree);
  } catch (error) {
    throw isHaloError(error, 'where_unsupported') ? countedInCharacters(error, clause) : error;
  }
}

/** Walks the parse tree; what each kind of node means is decided in the files it calls. */
class Checker {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  whole(node: unknown): Condition {
    // That the whole is no condition has no place in it.
    return conditionOf({ ...this.#term(node, 0), position: null });
  }

  #condition(node: unknown, depth: number): Condition {
    return conditionOf(this.#term(node, depth));
  }

  #term(node: unknown, depth: number): Term {
    const position = positionOf(node);
    if (depth > MAX_DEPTH) throw unsupported('The where-clause is nested too deeply.', position);
    const [kind, inner] = isNode(node) ? (Object.entries(node)[0] ?? []) : [];
    if (!isNode(inner)) throw unsupported('The where-clause cannot be read.', position);
    switch (kind) {
      case 'ColumnRef':
        return columnTerm(inner, this.#scope);
      case 'ParamRef':
        return parameterTerm(inner, this.#scope);
      case 'A_Const':
        return constantTerm(inner);
      case 'TypeCast':
        return this.#cast(inner, depth);
      case 'A_ArrayExpr':
        return arrayOf(this.#terms(inner['elements'], depth), null, position);
      default:
        return typed(this.#expression(kind, inner, position, depth), position);
    }
  }

  #terms(nodes: unknown, depth: number): Term[] {
    return (Array.isArray(nodes) ? nodes : []).map((each) => this.#term(each, depth + 1));
  }

  #expression(kind: string | undefined, node: ParseNode, position: number | null, depth: number): Expression {
    switch (kind) {
      case 'BoolExpr':
        return this.#booleanExpression(node, depth);
      case 'NullTest': {
        const part = withType(this.#term(node['arg'], depth + 1), TEXT);
        return { kind: 'is_null', part, negated: node['nulltesttype'] === 'IS_NOT_NULL' };
      }
      case 'BooleanTest':
        return this.#booleanTest(node, depth);
      case 'A_Expr':
        return this.#operatorExpression(node, position, depth);
      case 'CoalesceExpr': {
        const terms = this.#terms(node['args'], depth);
        const type = typeOfChoice(terms, position);
        return { kind: 'coalesce', parts: terms.map((each) => implicitly(each, type)), type };
      }
      case 'MinMaxExpr': {
        const which = node['op'] === 'IS_LEAST' ? 'least' : 'greatest';
        return extreme(which, this.#terms(node['args'], depth), position);
      }
      case 'A_Indirection':
        return this.#subscript(node, position, depth);
      case 'SubLink':
        return this.#subquery(node, position, depth);
      case 'FuncCall':
        return callFunction(node, this.#terms(node['args'], depth), position);
      default:
        throw unsupported(`${kind} is not supported in this context`, position);
    }
  }

  /** The items of a constructor take their type from a cast of the whole. */
  #cast(node: ParseNode, depth: number): Term {
    const array = nodeAt(node['arg'], 'A_ArrayExpr');
    const element = array && namedType(node, this.#scope).element;
    if (array === undefined || element === undefined) {
      return castTerm(node, this.#term(node['arg'], depth + 1), this.#scope);
    }
    return arrayOf(this.#terms(array['elements'], depth + 1), element, clausePosition(array['location']));
  }

  #subscript(node: ParseNode, position: number | null, depth: number): Expression {
    const subscripts = Array.isArray(node['indirection']) ? node['indirection'] : [];
    const index = nodeAt(subscripts[0], 'A_Indices');
    if (subscripts.length !== 1 || index === undefined) {
      throw unsupported('Of subscripts, one index or one slice is supported.', position);
    }
    if (index['is_slice'] === true) {
      const [from, to] = [index['lidx'], index['uidx']].map((each) =>
        each === undefined ? null : this.#term(each, depth + 1),
      );
      return slice(this.#term(node['arg'], depth + 1), from!, to!, position);
    }
    return subscript(this.#term(node['arg'], depth + 1), this.#term(index['uidx'], depth + 1), position);
  }

  /** The clause within has names of its own. */
  #subquery(node: ParseNode, position: number | null, depth: number): Condition {
    const row = nodeAt(node['testexpr'], 'RowExpr');
    const left = () => this.#terms(row === undefined ? [node['testexpr']] : row['args'], depth);
    const check = (where: unknown, scope: Scope) => new Checker(scope).whole(where);
    return inQuery(node, left, position, this.#scope, check);
  }

  #booleanExpression(node: ParseNode, depth: number): Condition {
    const args = Array.isArray(node['args']) ? node['args'] : [];
    const parts = args.map((arg) => this.#condition(arg, depth + 1));
    switch (node['boolop']) {
      case 'AND_EXPR':
        return { kind: 'and', parts };
      case 'OR_EXPR':
        return { kind: 'or', parts };
      default:
        return { kind: 'not', part: parts[0]! };
    }
  }

  #booleanTest(node: ParseNode, depth: number): Condition {
    const part = this.#condition(node['arg'], depth + 1);
    const test = String(node['booltesttype']);
    const negated = test.startsWith('IS_NOT_');
    if (test.endsWith('UNKNOWN')) return { kind: 'is_null', part, negated };
    return { kind: 'is', part, value: test.endsWith('TRUE'), negated };
  }

  #operatorExpression(node: ParseNode, position: number | null, depth: number): Expression {
    const names = Array.isArray(node['name']) ? node['name'] : [];
    const operator = nodeAt(names.at(-1), 'String')?.['sval'];
    const kind = String(node['kind']);
    if (names.length !== 1 || typeof operator !== 'string') {
      throw unsupported('Operators cannot be written with a schema.', position);
    }
    const rows = this.#rowComparison(kind, operator, node, position, depth);
    if (rows !== undefined) return rows;
    const side = (name: 'lexpr' | 'rexpr') => this.#term(node[name], depth + 1);
    const list = () => this.#terms(nodeAt(node['rexpr'], 'List')?.['items'], depth);
    switch (kind) {
      case 'AEXPR_OP':
      case 'AEXPR_LIKE':
      case 'AEXPR_ILIKE':
        if (node['lexpr'] === undefined) return unary(operator, side('rexpr'), position);
        if (isContainment(operator)) return contains(operator, side('lexpr'), side('rexpr'), position);
        return binary(operator, side('lexpr'), side('rexpr'), position);
      case 'AEXPR_IN':
        return among(side('lexpr'), this.#listItems(node['rexpr'], depth), operator === '<>');
      case 'AEXPR_OP_ANY':
      case 'AEXPR_OP_ALL': {
        const quantifier = kind === 'AEXPR_OP_ANY' ? 'ANY' : 'ALL';
        return quantify(operator, quantifier, side('lexpr'), side('rexpr'), position);
      }
      case 'AEXPR_DISTINCT':
      case 'AEXPR_NOT_DISTINCT':
        return distinct(side('lexpr'), side('rexpr'), kind === 'AEXPR_NOT_DISTINCT', position);
      case 'AEXPR_BETWEEN':
      case 'AEXPR_NOT_BETWEEN':
      case 'AEXPR_BETWEEN_SYM':
      case 'AEXPR_NOT_BETWEEN_SYM': {
        const [low, high] = list();
        const within = between(side('lexpr'), low!, high!, kind.endsWith('SYM'), position);
        return kind.includes('NOT') ? { kind: 'not', part: within } : within;
      }
      default:
        // The pattern's own fault is the one that is named.
        if (kind === 'AEXPR_SIMILAR') side('rexpr');
        throw unsupported(`expression "${operator}" of :${kind} is not currently supported`, position);
    }
  }

  #listItems(node: unknown, depth: number): ListItem[] {
    const items = nodeAt(node, 'List')?.['items'];
    const terms = this.#terms(items, depth);
    return terms.map((term, i) => ({ term, readsRow: hasColumn((items as readonly unknown[])[i]) }));
  }

  /** Undefined unless rows stand on both sides. */
  #rowComparison(
    kind: string,
    operator: string,
    node: ParseNode,
    position: number | null,
    depth: number,
  ): Condition | undefined {
    const left = this.#row(node['lexpr'], depth);
    if (left === undefined) return undefined;
    const items: unknown = nodeAt(node['rexpr'], 'List')?.['items'] ?? [node['rexpr']];
    const rows = (Array.isArray(items) ? items : []).map((each) => this.#row(each, depth));
    const right = rows[0];
    if (right === undefined || !rows.every((row) => row !== undefined)) return undefined;
    switch (kind) {
      case 'AEXPR_OP':
        return isComparison(operator) ? compareRows(operator, left, right, position) : undefined;
      case 'AEXPR_IN':
        return amongRows(left, rows, operator === '<>', position);
      case 'AEXPR_DISTINCT':
      case 'AEXPR_NOT_DISTINCT':
        return distinctRows(left, right, kind === 'AEXPR_NOT_DISTINCT', position);
      default:
        return undefined;
    }
  }

  #row(node: unknown, depth: number): Term[] | undefined {
    const row = nodeAt(node, 'RowExpr');
    return row && this.#terms(row['args'], depth + 1);
  }
}

/** Where an expression of any kind stands in the clause; for a subscript, where what it is of stands. */
function positionOf(node: unknown): number | null {
  const inner = isNode(node) ? Object.values(node)[0] : undefined;
  if (!isNode(inner)) return null;
  return clausePosition(inner['location']) ?? positionOf(inner['arg']);
}
