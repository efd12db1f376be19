import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AuditAction } from '@halo/shapes/taxonomy/audit-actions.ts';
import { exampleRequest, operationsOf } from '../support/api-document.ts';
import type { Operation } from '../support/api-document.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { fillDatabase } from './rest-full-database.ts';
import { ADDRESS, startRest } from './rest-support.ts';
import type { People, RestApp } from './rest-support.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const ajv = new Ajv2020({ strict: false, formats: { uuid: UUID, 'date-time': INSTANT } });

/** Reading comes first, and taking away last; what is part of something comes before it. */
const ORDER = ['get', 'post', 'put', 'patch', 'delete'];
/** Only what is pinned can be unpinned. */
const placeOf = ({ path }: Operation) => (path.endsWith('/pin') ? 0 : path.endsWith('/unpin') ? 1 : 2);

let database: TestDatabase;
let rest: RestApp;
let operations: Operation[];
beforeAll(async () => {
  database = await createTestDatabase();
  rest = await startRest(database.pool);
  await fillDatabase(database.pool, { reporter: rest.people.ada, other: rest.people.bo });
  // He says it where the example of a changed password does.
  await database.pool.query(
    `UPDATE users SET password_hash = (SELECT password_hash FROM users WHERE email = 'colleague@halo.example') WHERE id = $1`,
    [rest.people.bo],
  );
  const all = operationsOf(await (await rest.app.request('/openapi.json')).json());
  operations = all
    .filter(({ path }) => path.startsWith('/api/v1/'))
    .toSorted(
      (a, b) =>
        ORDER.indexOf(a.method) - ORDER.indexOf(b.method) ||
        placeOf(a) - placeOf(b) ||
        b.path.length - a.path.length,
    );
});
afterAll(async () => {
  await rest.runs.close();
  await database.drop();
});

/** What each act that not everybody may do leaves in the audit log, by the route that does it. */
const AUDITED: Readonly<Record<string, AuditAction>> = {
  'DELETE /api/v1/admin/invitations/:id': 'invitation.revoked',
  'DELETE /api/v1/admin/service-tokens/:id': 'service_token.revoked',
  'DELETE /api/v1/admin/users/:id': 'user.erase_ordered',
  'DELETE /api/v1/admin/users/:id/sessions': 'sessions.ended',
  'DELETE /api/v1/admin/users/:id/sessions/:sessionId': 'sessions.ended',
  'PATCH /api/v1/admin/users/:id': 'user.role_changed',
  'POST /api/v1/admin/alerts/trial': 'alerts.tried',
  'POST /api/v1/admin/invitations': 'invitation.made',
  'POST /api/v1/admin/models/:id/pin': 'model.pinned',
  'POST /api/v1/admin/retrain/trigger': 'retrain.triggered',
  'POST /api/v1/admin/series/:placeKind/:category/roll-back': 'series.rolled_back',
  'POST /api/v1/admin/series/:placeKind/:category/unpin': 'series.unpinned',
  'POST /api/v1/admin/service-tokens': 'service_token.made',
  'POST /api/v1/admin/sync/devices/:id/checks': 'device.check_asked',
  'POST /api/v1/admin/users/:id/password-reset': 'password.reset_issued',
  'POST /api/v1/incidents/:id/join': 'incident.join',
  'POST /api/v1/incidents/:id/matches': 'incident.match_ruled',
  'POST /api/v1/incidents/:id/split': 'incident.split',
  'POST /api/v1/incidents/:id/transitions': 'incident.transition',
};
/** The same of routes that are open to more people, where what is done is not. */
const AUDITED_BY_WHAT_IS_DONE: Readonly<Record<string, AuditAction>> = {
  'DELETE /api/v1/incidents/:id/comments/:commentId': 'comment.deleted',
  'POST /api/v1/auth/invitations/accept': 'invitation.accepted',
  'POST /api/v1/auth/password': 'password.changed',
  'POST /api/v1/auth/password-reset': 'password.reset',
};
/** The same of looks at what is another person's own. */
const AUDITED_LOOKS: Readonly<Record<string, AuditAction>> = {
  'GET /api/v1/admin/sync/devices/:id/rows': 'device.rows_read',
  'GET /api/v1/admin/sync/mutations/:id': 'mutation.read',
};
/** What officers and operators read without an entry: how accounts and devices fare, not what a person wrote or where he was (docs/decisions/0051). */
const READ_WITHOUT_ENTRY: readonly string[] = [
  'GET /api/v1/admin/alerts',
  'GET /api/v1/admin/audit-log',
  'GET /api/v1/admin/feeds',
  'GET /api/v1/admin/invitations',
  'GET /api/v1/admin/jobs',
  'GET /api/v1/admin/jobs/:id',
  'GET /api/v1/admin/models',
  'GET /api/v1/admin/models/:id',
  'GET /api/v1/admin/service-tokens',
  'GET /api/v1/admin/sync',
  'GET /api/v1/admin/sync/devices',
  'GET /api/v1/admin/sync/devices/:id',
  'GET /api/v1/admin/sync/devices/:id/checks',
  'GET /api/v1/admin/sync/devices/:id/events',
  'GET /api/v1/admin/sync/history',
  'GET /api/v1/admin/sync/mutations',
  'GET /api/v1/admin/sync/replication',
  'GET /api/v1/admin/sync/shapes',
  'GET /api/v1/admin/users',
  'GET /api/v1/admin/users/:id',
  'GET /api/v1/admin/users/:id/sessions',
  'GET /api/v1/incidents/:id/matches',
];
const audited = new Map<string, AuditAction>([
  ...Object.entries(AUDITED),
  ...Object.entries(AUDITED_BY_WHAT_IS_DONE),
  ...Object.entries(AUDITED_LOOKS),
]);
const routeOf = ({ method, path }: Operation) =>
  `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;

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
  // His other sessions end.
  if (path.endsWith('/auth/password')) return 'bo';
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
    const { rows } = await database.pool.query(
      'SELECT action, outcome, address FROM audit_log WHERE request_id = $1',
      [answer.headers.get('x-request-id')],
    );
    const action = audited.get(routeOf(operation));
    expect(rows, name).toEqual(action === undefined ? [] : [{ action, outcome: 'done', address: ADDRESS }]);
  }
});

it('each route that is not for everybody, and does something, leaves an entry in the audit log', () => {
  const doing = [...rest.privileged].filter((route) => !route.startsWith('GET '));
  expect(doing.toSorted()).toEqual(Object.keys(AUDITED).toSorted());
});

it('each route that shows what is not for everybody leaves an entry in the audit log, or stands among those that need none', () => {
  const showing = [...rest.privileged].filter((route) => route.startsWith('GET '));
  expect(showing.toSorted()).toEqual([...Object.keys(AUDITED_LOOKS), ...READ_WITHOUT_ENTRY].toSorted());
});
