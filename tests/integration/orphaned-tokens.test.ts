import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AuditEntry } from '@halo/shapes/protocol/audit-log.ts';
import type { ServiceToken } from '@halo/shapes/protocol/service-tokens.ts';
import type { User } from '@halo/shapes/protocol/users.ts';
import { createTestAuth } from '../support/auth.ts';
import type { TestAuth } from '../support/auth.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';

const TOKENS = '/api/v1/admin/service-tokens';
const USERS = '/api/v1/admin/users';
const REASON = 'a test of the house';

let database: TestDatabase;
let auth: TestAuth;
beforeAll(async () => {
  database = await createTestDatabase();
  auth = await createTestAuth(database);
});
afterAll(async () => {
  auth.remove();
  await database.drop();
});

interface Person {
  readonly id: string;
  readonly accessToken: string;
}
let boss: Person;

/** An operator. */
async function person(name: string): Promise<Person> {
  const { email, accessToken } = await auth.login(name);
  const { rows } = await database.pool.query<{ id: string }>(
    `UPDATE users SET role = 'operator' WHERE email = $1 RETURNING id`,
    [email],
  );
  return { id: rows[0]!.id, accessToken };
}
async function send<Body>(method: string, path: string, body: unknown, by = boss): Promise<{ body: Body }> {
  const answer = await auth.app.request(path, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${by.accessToken}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { body: (await answer.json()) as Body };
}
const change = (id: string, what: object) =>
  send<User>('PATCH', `${USERS}/${id}`, { ...what, reason: REASON });
const entriesOf = async (targetId: string) =>
  (await send<{ entries: AuditEntry[] }>('GET', `/api/v1/admin/audit-log?targetId=${targetId}`, undefined))
    .body.entries;

it('operators leave integrations going when somebody goes who made their tokens, see them as orphaned, or end them with him', async () => {
  const scope = { scopes: ['areas:read'], expiresInDays: 1 };
  const make = async (maker: Person, name: string) =>
    (await send<{ serviceToken: ServiceToken }>('POST', TOKENS, { name, ...scope }, maker)).body.serviceToken;
  const orphans = async () =>
    (
      await send<{ serviceTokens: ServiceToken[] }>('GET', `${TOKENS}?orphaned=true`, undefined)
    ).body.serviceTokens.map(({ name }) => name);
  boss = await person('boss');
  const [disabled, demoted, erased] = [
    await person('to-disable'),
    await person('to-demote'),
    await person('to-erase'),
  ];
  const kept = await make(disabled, 'kept');
  expect(kept.orphaned).toBe(false);
  await make(demoted, 'ended');
  await make(demoted, 'ended, too');
  await make(erased, 'nobody’s');
  expect(await orphans()).toEqual([]);
  expect((await change(disabled.id, { state: 'disabled' })).body).toMatchObject({ serviceTokens: 1 });
  const gone = { role: 'officer', revokeServiceTokens: true };
  expect((await change(demoted.id, gone)).body).toMatchObject({ role: 'officer', serviceTokens: 0 });
  await database.pool.query('DELETE FROM users WHERE id = $1', [erased.id]);
  expect(await orphans()).toEqual(['nobody’s', 'kept']);
  const live = `SELECT FROM sessions s JOIN service_tokens t ON t.user_id = s.user_id WHERE t.name = ANY($1) AND s.revoked_at IS NULL`;
  expect((await database.pool.query(live, [['ended', 'ended, too']])).rowCount).toBe(0);
  expect((await database.pool.query(live, [['kept', 'nobody’s']])).rowCount).toBe(2);
  // He was disabled before; what he made ends all the same.
  const later = { state: 'disabled', revokeServiceTokens: true };
  expect((await change(disabled.id, later)).body).toMatchObject({ state: 'disabled', serviceTokens: 0 });
  expect(await orphans()).toEqual(['nobody’s']);
  expect((await entriesOf(kept.id)).map(({ action, reason }) => [action, reason])).toEqual([
    ['service_token.revoked', REASON],
    ['service_token.made', null],
  ]);
  const leaver = await person('leaver');
  await make(leaver, 'leaver’s');
  const order = { reason: REASON, revokeServiceTokens: true };
  expect((await send('DELETE', `${USERS}/${leaver.id}`, order)).body).toMatchObject({ serviceTokens: 0 });
});
