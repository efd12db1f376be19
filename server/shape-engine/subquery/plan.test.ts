import { beforeAll, describe, expect, it } from 'vitest';
import { planOf } from '../../../tests/support/subquery-plan.ts';
import { isHaloError } from '../../platform/errors.ts';
import { loadGrammar } from '../where/parse-where.ts';
import { electricWhereText } from '../where/where-error.ts';
import type { Literal } from './normal-form.ts';

beforeAll(loadGrammar);

const nameOf = (literal: Literal) => {
  if (literal.kind === 'plain') return 'row';
  return `${literal.negated ? 'not ' : ''}in ${literal.query.table}`;
};

function formOf(where: string) {
  const { literals, groups } = planOf(where).own.form!;
  return { literals: literals.map(nameOf), groups };
}

describe('the plan of a shape with subqueries', () => {
  it.each([
    ['owner IN (SELECT id FROM people)', ['in people'], [[0]]],
    ['owner NOT IN (SELECT id FROM people)', ['not in people'], [[0]]],
    [`kind = 'a' AND owner IN (SELECT id FROM people) AND size > 1`, ['row', 'in people'], [[0, 1]]],
    [`owner IN (SELECT id FROM people) OR kind = 'a'`, ['in people', 'row'], [[0], [1]]],
    [
      `NOT (owner IN (SELECT id FROM people) AND (kind = 'a' OR team NOT IN (SELECT id FROM teams)))`,
      ['not in people', 'row', 'in teams'],
      [[0], [1, 2]],
    ],
    [
      `owner IN (SELECT id FROM people) AND kind = 'a' OR owner IN (SELECT id FROM people) AND size = 1`,
      ['in people', 'row', 'row'],
      [
        [0, 1],
        [0, 2],
      ],
    ],
  ])('tells the ways apart in which a row may be in it: %s', (where, literals, groups) => {
    expect(formOf(where)).toEqual({ literals, groups });
  });

  it('follows subqueries before what they are a part of, each with the columns that it needs', () => {
    const { queries } = planOf(
      `owner IN (SELECT id FROM people WHERE ok AND team IN (SELECT t.id FROM teams AS t WHERE t.mark = 'x'))`,
    );
    expect(queries.map(({ table, used }) => [table.table, used.map(({ name }) => name)])).toEqual([
      ['teams', ['id', 'mark']],
      ['people', ['id', 'team', 'ok']],
      ['docs', ['id', 'owner', 'team', 'size', 'kind']],
    ]);
  });

  it('is another plan where a table of a subquery, or the subquery itself, is another', () => {
    const identities = [
      'owner IN (SELECT id FROM people)',
      'owner IN (SELECT team FROM people)',
      'owner IN (SELECT id FROM teams)',
      'owner NOT IN (SELECT id FROM people)',
    ].map((where) => planOf(where).identity);
    expect(new Set(identities).size).toBe(4);
    expect(planOf('owner  IN (select id from public.people)').identity).toBe(identities[0]);
  });

  it.each([
    ['owner IN (SELECT name FROM people)', 'At location 6: left side of `IN (SELECT ...)` has type int4 but'],
    ['owner IN (SELECT id FROM people LIMIT 1)', 'SELECT statement must not contain any clauses'],
    ['owner IN (SELECT DISTINCT id FROM people)', 'SELECT statement must not contain any clauses'],
    ['owner IN (SELECT id FROM people UNION SELECT 1)', 'SELECT statement must not contain any clauses'],
    ['owner IN (SELECT id + 1 FROM people)', 'At location 32: Expected a plain column reference'],
    [['owner IN (SELECT', '* FROM teams)'].join(' '), 'Expected a plain column reference'],
    ['owner IN (SELECT people.id FROM people, teams)', 'Expected a single table reference'],
    ['owner IN (SELECT 1)', 'At location 32: Expected a plain column reference'],
    ['owner IN (SELECT id)', 'Expected a single table reference'],
    ['owner IN (SELECT a FROM people AS p (a, b))', 'other names for its columns'],
    ['owner IN (SELECT id, team FROM people)', 'another number of columns'],
    ['owner = ANY (SELECT id FROM people)', 'only `value IN (SELECT ...)` sublinks are supported right now'],
    ['owner = (SELECT id FROM people)', 'only `value IN (SELECT ...)` sublinks are supported right now'],
    ['EXISTS (SELECT id FROM people)', 'only `value IN (SELECT ...)` sublinks are supported right now'],
    ['owner IN (SELECT id FROM people WHERE owner = 1)', 'unknown reference owner'],
    ['owner IN (SELECT people.id FROM people p)', 'unknown reference people.id'],
    ['(owner IN (SELECT id FROM people)) IS TRUE', 'under AND, OR and NOT, and under nothing else'],
    ['coalesce(owner IN (SELECT id FROM people), true)', 'under AND, OR and NOT, and under nothing else'],
    ['(owner, kind) NOT IN (SELECT id, name FROM people)', 'NOT IN of several columns'],
    [
      'team IN (SELECT id FROM loose WHERE tag IN (SELECT mark FROM teams))',
      'Table loose needs a primary key',
    ],
  ])('refuses what it could not follow: %s', (where, message) => {
    expect(refusalOf(where)).toContain(message);
  });

  it.each([
    [
      'subqueries',
      (i: number) => `owner IN (SELECT id FROM people WHERE id = ${i})`,
      17,
      'too many subqueries',
    ],
    ['ways', (i: number) => `(owner IN (SELECT id FROM teams) OR size = ${i})`, 9, 'too many parts'],
  ])('refuses too many %s', (_, part, number, message) => {
    expect(refusalOf(Array.from({ length: number }, (__, i) => part(i)).join(' AND '))).toContain(message);
  });

  it('follows a subquery once, however often it is written', () => {
    expect(planOf(`${'owner IN (SELECT id FROM people) AND '.repeat(70)}true`).queries).toHaveLength(2);
  });
});

function refusalOf(where: string): unknown {
  try {
    return planOf(where);
  } catch (error) {
    return isHaloError(error, 'where_unsupported') ? electricWhereText(error) : error;
  }
}
