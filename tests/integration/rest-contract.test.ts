import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exampleRequest, operationsOf } from '../support/api-document.ts';
import type { Operation } from '../support/api-document.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { fillDatabase } from './rest-full-database.ts';
import { startRest } from './rest-support.ts';
import type { People, RestApp } from './rest-support.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const ajv = new Ajv2020({ strict: false, formats: { uuid: UUID, 'date-time': INSTANT } });

/** Reading comes first, and taking away last; what is part of something comes before it. */
const ORDER = ['get', 'post', 'put', 'patch', 'delete'];

let database: TestDatabase;
let rest: RestApp;
let operations: Operation[];
beforeAll(async () => {
  database = await createTestDatabase();
  rest = await startRest(database.pool);
  await fillDatabase(database.pool, { reporter: rest.people.ada, other: rest.people.bo });
  const all = operationsOf(await (await rest.app.request('/openapi.json')).json());
  operations = all
    .filter(({ path }) => path.startsWith('/api/v1/'))
    .toSorted((a, b) => ORDER.indexOf(a.method) - ORDER.indexOf(b.method) || b.path.length - a.path.length);
});
afterAll(async () => {
  await rest.runs.close();
  await database.drop();
});

/** A schema that allows nothing which it does not name: what is answered beyond the document is a fault, too. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
  return 'properties' in members && !('additionalProperties' in members)
    ? { ...members, additionalProperties: false }
    : members;
}

function faultsOf(schema: object, value: unknown): unknown {
  const validate = ajv.compile(closed(schema) as object);
  return validate(value) ? [] : validate.errors;
}

/** Comments are deleted by an officer, since the one of the examples is another's; runs and models are operators'; the rest by whoever may. */
function actorOf({ tags, path, method }: Operation): keyof People {
  if (tags.includes('operators')) return 'operator';
  const ofOfficers = tags.includes('decisions') || (method === 'delete' && path.endsWith('{commentId}'));
  return ofOfficers ? 'officer' : 'ada';
}

it('each route of the document has examples of what it takes and gives, and they are what it says', () => {
  expect(operations.length).toBeGreaterThan(22);
  for (const { path, method, parameters, hasBody, body, answers } of operations) {
    const name = `${method} ${path}`;
    for (const parameter of parameters)
      if (parameter.name !== 'cursor' && parameter.name !== 'geometry')
        expect(parameter.example, `${name} ${parameter.name}`).toBeDefined();
    if (hasBody) expect(body, name).toBeDefined();
    const [status, answer] = [...answers].find(([one]) => one.startsWith('2'))!;
    expect(answer.example, `${name} ${status}`).toBeDefined();
    expect(faultsOf(answer.schema, answer.example), name).toEqual([]);
  }
});

it('each example is taken, and the answer is as the document has it', async () => {
  for (const operation of operations) {
    const { method, path, headers, body } = exampleRequest(operation);
    const key = headers['Idempotency-Key'];
    const answer = await rest.ask(actorOf(operation), method, path, {
      ...(operation.hasBody ? { body } : {}),
      ...(key === undefined ? {} : { key: `${path} ${method}`.replaceAll(' ', '-').slice(0, 200) }),
    });
    const name = `${method} ${path}: ${JSON.stringify(answer.body)}`;
    expect(answer.status, name).toBeLessThan(300);
    const declared = operation.answers.get(String(answer.status));
    expect(declared, name).toBeDefined();
    expect(faultsOf(declared!.schema, answer.body), name).toEqual([]);
  }
});
