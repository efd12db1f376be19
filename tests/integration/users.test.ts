import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '@halo/shapes/protocol/accounts.ts';
import type { AuditEntry } from '@halo/shapes/protocol/audit-log.ts';
import type { Tokens } from '@halo/shapes/protocol/auth.ts';
import type { Invitation, Session, User } from '@halo/shapes/protocol/users.ts';
import { createTestAuth, movableClock } from '../support/auth.ts';
import type { TestAuth } from '../support/auth.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

const USERS = '/api/v1/admin/users';
const REASON = 'a test of the house';
const DAY_MS = 86_400_000;

let database: TestDatabase;
let auth: TestAuth;
let boss: Person;
beforeAll(async () => {
  database = await createTestDatabase();
  auth = await createTestAuth(database, movableClock());
  boss = await person('boss', 'operator');
});
afterAll(async () => {
  auth.remove();
  await database.drop();
});

type Person = Tokens & { id: string; email: string; password: string };

async function person(name: string, role = 'reporter'): Promise<Person> {
  const made = await auth.login(name);
  const { rows } = await database.pool.query<{ id: string }>(
    'UPDATE users SET role = $2::user_role WHERE email = $1 RETURNING id',
    [made.email, role],
  );
  return { ...made, id: rows[0]!.id };
}

async function send<Body>(
  method: string,
  path: string,
  body: unknown,
  by: Pick<Person, 'accessToken'> | undefined = boss,
): Promise<{ status: number; body: Body & { code?: string } }> {
  const answer = await auth.app.request(path, {
    method,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'A test',
      ...(by === undefined ? {} : { authorization: `Bearer ${by.accessToken}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Body & { code?: string } };
}
const get = <Body>(path: string, by?: Person) => send<Body>('GET', path, undefined, by);
const change = (id: string, what: object, by = boss) =>
  send<User>('PATCH', `${USERS}/${id}`, { ...what, reason: REASON }, by);
const statusOf = async (path: string, { accessToken }: Tokens) => (await auth.get(path, accessToken)).status;
const login = ({ email, password }: { email: string; password: string }) =>
  auth.post('/api/v1/auth/login', { email, password });
const entriesOf = async (targetId: string) =>
  (await get<{ entries: AuditEntry[] }>(`/api/v1/admin/audit-log?targetId=${targetId}`)).body.entries;

describe('operators', () => {
  it('find accounts by how their address begins, role, kind and state, page by page', async () => {
    const name = `seek_${crypto.randomUUID().slice(0, 8)}`;
    const people = [];
    for (let n = 0; n < 5; n += 1) people.push(await person(name, n === 0 ? 'officer' : 'reporter'));
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const at: string = cursor === null ? '' : `&cursor=${cursor}`;
      const page = await get<{ users: User[]; nextCursor: string | null }>(
        `${USERS}?email=${name}&limit=2${at}`,
      );
      seen.push(...page.body.users.map(({ id }) => id));
      cursor = page.body.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(people.map(({ id }) => id).toReversed());
    // What is a pattern in SQL is none here.
    const pattern = await get<{ users: User[] }>(`${USERS}?email=${name.replace('_', '%25')}`);
    expect(pattern.body.users).toEqual([]);
    const officers = await get<{ users: User[] }>(
      `${USERS}?email=${name}&role=officer&kind=account&state=active`,
    );
    expect(officers.body.users).toMatchObject([{ id: people[0]!.id, sessions: 1, kind: 'account' }]);
  });

  it('give roles and take them, with a reason, and leave an entry of each change alone', async () => {
    const { id } = await person('promoted');
    expect((await change(id, { role: 'officer' })).body).toMatchObject({ role: 'officer' });
    expect((await change(id, { role: 'officer' })).status).toBe(200);
    const missing = await send('PATCH', `${USERS}/${id}`, { role: 'officer' });
    expect([missing.status, missing.body]).toMatchObject([400, { field: 'reason' }]);
    expect((await send('PATCH', `${USERS}/${id}`, { reason: REASON })).status).toBe(400);
    const entries = await entriesOf(id);
    expect(entries).toMatchObject([
      {
        actorId: boss.id,
        actorKind: 'account',
        actorRole: 'operator',
        action: 'user.role_changed',
        outcome: 'done',
        reason: REASON,
        details: { from: 'reporter', to: 'officer' },
        address: 'a test',
        requestId: expect.stringMatching(/./) as string,
      },
    ]);
    expect(entries).toHaveLength(1);
  });

  it('invariant 8: disable an account, whose sessions end for good', async () => {
    const ended = await person('ended');
    expect((await change(ended.id, { state: 'disabled' })).body).toMatchObject({
      state: 'disabled',
      sessions: 0,
    });
    auth.clock.advance(5_001);
    expect(await statusOf('/api/v1/auth/me', ended)).toBe(401);
    expect((await login(ended)).status).toBe(401);
    expect((await change(ended.id, { state: 'active' })).body).toMatchObject({
      state: 'active',
      sessions: 0,
    });
    auth.clock.advance(5_001);
    expect(await statusOf('/api/v1/auth/me', ended), 'what was ended does not come back').toBe(401);
    const refreshed = await auth.post('/api/v1/auth/refresh', { refreshToken: ended.refreshToken });
    expect(refreshed.status).toBe(401);
    expect((await login(ended)).status).toBe(200);
    expect((await entriesOf(ended.id)).map(({ action }) => action)).toEqual([
      'user.enabled',
      'user.disabled',
    ]);
  });

  it('cannot lock themselves out, and one with an account here stays', async () => {
    expect((await change(boss.id, { role: 'reporter' })).body.code).toBe('own_account');
    expect((await change(boss.id, { state: 'disabled' })).body.code).toBe('own_account');
    expect((await send('DELETE', `${USERS}/${boss.id}`, { reason: REASON })).body.code).toBe('own_account');
    // Whom another issuer vouches for may be gone tomorrow: he does not count.
    const guest = await person('guest', 'operator');
    await database.pool.query(
      `UPDATE users SET email = NULL, password_hash = NULL, issuer = 'https://id.example', subject = 'g' WHERE id = $1`,
      [guest.id],
    );
    for (const refused of [
      await change(boss.id, { role: 'officer' }, guest),
      await change(boss.id, { state: 'disabled' }, guest),
      await send('DELETE', `${USERS}/${boss.id}`, { reason: REASON }, guest),
    ])
      expect([refused.status, refused.body.code]).toEqual([409, 'last_operator']);
    expect((await change(guest.id, { role: 'reporter' })).body.code).toBe('role_by_issuer');
    const refusals = (await entriesOf(boss.id)).filter(({ outcome }) => outcome === 'refused');
    expect(refusals.filter(({ actorId }) => actorId === guest.id)).toHaveLength(3);
    expect(refusals[0]).toMatchObject({ details: { code: 'last_operator' } });
    expect((await change(guest.id, { state: 'disabled' })).status).toBe(200);
  });

  it('who disable each other at once: one stays', async () => {
    const [one, two] = [await person('one', 'operator'), await person('two', 'operator')];
    const holder = await database.pool.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT FROM users WHERE id = ANY ($1) FOR UPDATE', [[one.id, two.id]]);
    const asked = Promise.all([
      change(one.id, { state: 'disabled' }, two),
      change(two.id, { state: 'disabled' }, one),
    ]);
    // Both have been let in, and wait for the same rows.
    await eventually(async () => {
      const { rows } = await database.pool.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return rows[0]?.n === 2;
    });
    await holder.query('COMMIT');
    holder.release();
    const both = await asked;
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 403]);
  });

  it.each<[string, (id: string) => Promise<unknown>]>([
    ['the role', (id) => change(id, { role: 'reporter' })],
    ['the account', (id) => send('DELETE', `${USERS}/${id}`, { reason: REASON })],
  ])('take back with %s what its holder has handed out', async (_what, takeAway) => {
    const leaving = await person('leaving', 'operator');
    const victim = await person('victim');
    const invited = await send<{ token: string }>(
      'POST',
      '/api/v1/admin/invitations',
      { email: `door-${crypto.randomUUID()}@halo.example`, role: 'operator' },
      leaving,
    );
    const reset = await send<{ token: string }>(
      'POST',
      `${USERS}/${victim.id}/password-reset`,
      { reason: REASON },
      leaving,
    );
    expect([invited.status, reset.status]).toEqual([201, 201]);
    await takeAway(leaving.id);
    const password = 'a long enough password';
    const accepted = await auth.post('/api/v1/auth/invitations/accept', {
      token: invited.body.token,
      password,
      displayName: 'X',
    });
    expect(accepted.status).toBe(400);
    const used = await auth.post('/api/v1/auth/password-reset', { token: reset.body.token, password });
    expect(used.status).toBe(400);
  });

  it('reset nobody’s password around the present one: their own', async () => {
    const self = await person('self', 'operator');
    const own = await send<{ code: string }>(
      'POST',
      `${USERS}/${self.id}/password-reset`,
      { reason: REASON },
      self,
    );
    expect([own.status, own.body.code]).toEqual([409, 'own_account']);
  });

  it('have somebody forgotten, of whom the log keeps that it was done', async () => {
    const gone = await person('gone');
    const asked = await send<User>('DELETE', `${USERS}/${gone.id}`, { reason: REASON });
    expect([asked.status, asked.body]).toMatchObject([202, { state: 'erasing', sessions: 0 }]);
    expect((await change(gone.id, { state: 'active' })).body.code).toBe('user_erasing');
  });

  it('give no role to a person without an account, and no reset to whoever has no password', async () => {
    const id = uuidv7();
    await database.pool.query(`INSERT INTO users (id, display_name) VALUES ($1, 'Anonymous')`, [id]);
    expect((await change(id, { role: 'officer' })).body.code).toBe('role_not_possible');
    const reset = await send('POST', `${USERS}/${id}/password-reset`, { reason: REASON });
    expect(reset.body.code).toBe('no_password');
    expect(await entriesOf(id)).toMatchObject([
      { action: 'password.reset_issued', outcome: 'refused', details: { code: 'no_password' } },
      { action: 'user.role_changed', outcome: 'refused', details: { code: 'role_not_possible' } },
    ]);
    expect((await change(uuidv7(), { role: 'officer' })).body.code).toBe('user_not_found');
  });
});

describe('invitations', () => {
  const invite = async (email: string, role = 'officer') =>
    (
      await send<{ invitation: Invitation; token: string }>('POST', '/api/v1/admin/invitations', {
        email,
        role,
      })
    ).body;
  const accept = (token: string) =>
    send<Account>(
      'POST',
      '/api/v1/auth/invitations/accept',
      { token, password: 'a long enough password', displayName: 'Newcomer' },
      { accessToken: 'none' },
    );
  const fresh = () => `new-${crypto.randomUUID()}@halo.example`;

  it('make an account with their role once, and are kept as hashes', async () => {
    const { invitation, token } = await invite(fresh());
    expect(invitation).toMatchObject({ state: 'open', invitedBy: boss.id });
    const { rows } = await database.pool.query<{ kept: string }>(
      'SELECT to_jsonb(i)::text AS kept FROM invitations i WHERE id = $1',
      [invitation.id],
    );
    expect(rows[0]!.kept).not.toContain(token);
    const made = await accept(token);
    expect([made.status, made.body]).toMatchObject([201, { role: 'officer', email: invitation.email }]);
    expect((await accept(token)).body).toMatchObject({ code: 'invitation_invalid', field: 'token' });
    const [listed] = (await get<{ invitations: Invitation[] }>('/api/v1/admin/invitations?state=accepted'))
      .body.invitations;
    expect(listed).toMatchObject({ id: invitation.id, acceptedBy: made.body.id });
  });

  it('are alike when they are unknown, taken back, replaced or have run out', async () => {
    const email = fresh();
    const replaced = await invite(email);
    const revoked = await invite(email);
    expect(
      (await send('DELETE', `/api/v1/admin/invitations/${revoked.invitation.id}`, undefined)).status,
    ).toBe(200);
    const late = await invite(fresh());
    auth.clock.advance(8 * DAY_MS);
    boss = { ...boss, ...((await (await login(boss)).json()) as Tokens) };
    const answers = [];
    for (const token of [replaced.token, revoked.token, late.token, 'halo_inv_of_nobody_at_all'])
      answers.push(await accept(token));
    for (const { status, body } of answers) {
      expect(status).toBe(400);
      expect(body).toEqual(answers[0]!.body);
    }
  });

  it('give their role to nobody who has registered the address first', async () => {
    const { invitation, token } = await invite(fresh(), 'operator');
    const squatter = { email: invitation.email, password: 'a long enough password', displayName: 'S' };
    expect((await auth.post('/api/v1/auth/register', squatter)).status).toBe(201);
    expect((await accept(token)).body.code).toBe('email_taken');
    const { rows } = await database.pool.query('SELECT role::text FROM users WHERE email = $1', [
      invitation.email,
    ]);
    expect(rows).toEqual([{ role: 'reporter' }]);
    expect(await invite(invitation.email)).toMatchObject({ code: 'email_taken' });
    const refused = '/api/v1/admin/audit-log?action=invitation.made&outcome=refused&limit=1';
    expect((await get<{ entries: AuditEntry[] }>(refused)).body.entries).toMatchObject([
      { actorId: boss.id, details: { code: 'email_taken' } },
    ]);
  });

  it('that are open are bounded', async () => {
    await database.pool.query(
      `INSERT INTO invitations (id, email, role, token_hash, created_at, expires_at)
       SELECT gen_random_uuid(), n || '@many.example', 'reporter', sha256(n::text::bytea), $1, $1::timestamptz + interval '1 day'
       FROM generate_series(1, 500) n`,
      [auth.clock.now()],
    );
    expect(await invite(fresh())).toMatchObject({ code: 'too_many_invitations' });
    await database.pool.query(`DELETE FROM invitations WHERE email LIKE '%@many.example'`);
  });
});

describe('sessions and passwords', () => {
  it('are seen for each device, and ended one by one by their owner alone', async () => {
    const owner = await person('owner');
    const second = (await (await login(owner)).json()) as Tokens;
    const listed = await get<{ sessions: Session[] }>('/api/v1/auth/sessions', owner);
    expect(listed.body.sessions).toHaveLength(2);
    const other = listed.body.sessions.find(({ current }) => !current)!;
    const path = `/api/v1/auth/sessions/${other.id}`;
    expect((await send('DELETE', path, undefined)).body.code, 'an operator’s own path is another').toBe(
      'session_not_found',
    );
    expect((await send('DELETE', path, undefined, owner)).body).toEqual({ ended: 1 });
    expect((await send('DELETE', path, undefined, owner)).status).toBe(404);
    auth.clock.advance(5_001);
    expect(await statusOf('/api/v1/auth/me', second)).toBe(401);
    expect(await statusOf('/api/v1/auth/me', owner)).toBe(200);
  });

  it('tell the device and when it last got tokens', async () => {
    const { email, password } = await person('device');
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Phone\u0000 1',
      'halo-app': 'field 2.0',
    };
    const ask = (path: string, body: object) =>
      auth.app.request(path, {
        method: 'POST',
        headers: { ...headers, 'user-agent': 'Phone 1' },
        body: JSON.stringify(body),
      });
    const tokens = (await (await ask('/api/v1/auth/login', { email, password })).json()) as Tokens;
    auth.clock.advance(600_000);
    await ask('/api/v1/auth/refresh', { refreshToken: tokens.refreshToken });
    const { sessions } = (await get<{ sessions: Session[] }>('/api/v1/auth/sessions', tokens as Person)).body;
    const found = sessions.find(({ current }) => current);
    expect(found).toMatchObject({ userAgent: 'Phone 1', app: 'field 2.0' });
    expect(Date.parse(found!.lastUsedAt) - Date.parse(found!.createdAt)).toBe(600_000);
  });

  it('end, but for the one that changes it, with another password', async () => {
    const owner = await person('changer');
    const second = (await (await login(owner)).json()) as Tokens;
    const body = { currentPassword: 'not the password', newPassword: 'a new and long password' };
    const wrong = await send('POST', '/api/v1/auth/password', body, owner);
    expect([wrong.status, wrong.body]).toMatchObject([
      403,
      { code: 'password_wrong', field: 'currentPassword' },
    ]);
    const guessable = { currentPassword: owner.password, newPassword: 'password123' };
    const weak = await send('POST', '/api/v1/auth/password', guessable, owner);
    expect([weak.status, weak.body]).toMatchObject([
      400,
      { code: 'password_guessable', field: 'newPassword' },
    ]);
    const changed = await send(
      'POST',
      '/api/v1/auth/password',
      { ...body, currentPassword: owner.password },
      owner,
    );
    expect(changed.body).toEqual({ ended: 1 });
    auth.clock.advance(5_001);
    expect([await statusOf('/api/v1/auth/me', owner), await statusOf('/api/v1/auth/me', second)]).toEqual([
      200, 401,
    ]);
    expect((await login(owner)).status).toBe(401);
    expect((await login({ ...owner, password: body.newPassword })).status).toBe(200);
  });

  it('are not begun by a log-in that was under way when the account was disabled or got another password', async () => {
    const late = await person('late');
    for (const change of ['disabled_at = now()', `password_hash = 'another'`]) {
      const holder = await database.pool.connect();
      await holder.query('BEGIN');
      await holder.query('SELECT FROM users WHERE id = $1 FOR UPDATE', [late.id]);
      const asked = login(late);
      // The password was found right, and the session is about to begin.
      await eventually(async () => {
        const { rows } = await database.pool.query<{ n: number }>(
          `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return rows[0]?.n === 1;
      });
      await holder.query(`UPDATE users SET ${change} WHERE id = $1`, [late.id]);
      await holder.query('COMMIT');
      expect((await asked).status, change).toBe(401);
      await holder.query('UPDATE users SET disabled_at = NULL WHERE id = $1', [late.id]);
      holder.release();
    }
  });

  it('end all with a reset, which is good once, for a day, and the newest alone', async () => {
    const owner = await person('forgetful');
    const issue = async () =>
      (await send<{ token: string }>('POST', `${USERS}/${owner.id}/password-reset`, { reason: REASON })).body
        .token;
    const reset = (token: string) =>
      send('POST', '/api/v1/auth/password-reset', { token, password: 'a new and long password' }, undefined);
    const [first, second] = [await issue(), await issue()];
    expect((await login(owner)).status, 'the old password is good until then').toBe(200);
    expect((await reset(first)).body).toMatchObject({ code: 'reset_invalid' });
    expect((await reset(second)).body).toEqual({ ended: 2 });
    expect((await reset(second)).status).toBe(400);
    auth.clock.advance(5_001);
    expect(await statusOf('/api/v1/auth/me', owner)).toBe(401);
    const late = await issue();
    auth.clock.advance(DAY_MS + 1);
    expect((await reset(late)).body).toMatchObject({ code: 'reset_invalid' });
    const actions = (
      await database.pool.query('SELECT action FROM audit_log WHERE target_id = $1', [owner.id])
    ).rows;
    expect(actions.filter(({ action }: { action: string }) => action === 'password.reset')).toHaveLength(1);
  });
});

it('invariant 8: a service token opens no socket, and nothing else that no scope names', async () => {
  boss = { ...boss, ...((await (await login(boss)).json()) as Tokens) };
  const make = { name: 'Alarm centre', scopes: ['shapes:read'], expiresInDays: 1 };
  const { token } = (await send<{ token: string }>('POST', '/api/v1/admin/service-tokens', make)).body;
  await expect(auth.identify.byToken(token)).rejects.toMatchObject({ code: 'scope_missing', status: 403 });
  await expect(auth.identify.byHeader(`Bearer ${token}`)).rejects.toMatchObject({ code: 'scope_missing' });
});

describe('the audit log', () => {
  it('is neither changed nor emptied, loses only what is personal, and lets go what is two years old', async () => {
    const { pool } = database;
    const refused = { code: '23001' };
    await expect(pool.query(`UPDATE audit_log SET action = 'x'`)).rejects.toMatchObject(refused);
    await expect(pool.query(`UPDATE audit_log SET actor_id = gen_random_uuid()`)).rejects.toMatchObject(
      refused,
    );
    await expect(pool.query(`UPDATE audit_log SET details = '{"a":1}'`)).rejects.toMatchObject(refused);
    await expect(pool.query('DELETE FROM audit_log')).rejects.toMatchObject(refused);
    await expect(pool.query('TRUNCATE audit_log')).rejects.toMatchObject(refused);
    const insert = (age: string) =>
      pool.query<{ id: string }>(
        `INSERT INTO audit_log (id, at, actor_kind, action, target_kind, outcome)
         VALUES (gen_random_uuid(), now() - $1::interval, 'system', 'test', 'test', 'done') RETURNING id`,
        [age],
      );
    const [old] = (await insert('731 days')).rows;
    const { rows } = await insert('729 days');
    const all = `DELETE FROM audit_log WHERE action = 'test'`;
    await expect(pool.query(all)).rejects.toMatchObject(refused);
    await pool.query('DELETE FROM audit_log WHERE id = $1', [old!.id]);
    const left = await pool.query(`SELECT id FROM audit_log WHERE action = 'test'`);
    expect(left.rows).toEqual(rows);
  });

  it('holds no entry of what did not come to be', async () => {
    boss = { ...boss, ...((await (await login(boss)).json()) as Tokens) };
    const before = await database.pool.query('SELECT count(*) FROM audit_log');
    const { id } = await person('unchanged');
    await database.pool.query(
      `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
       CREATE TRIGGER fail BEFORE INSERT ON audit_log FOR EACH ROW WHEN (NEW.action = 'user.role_changed') EXECUTE FUNCTION fail()`,
    );
    expect((await change(id, { role: 'officer' })).status).toBe(500);
    await database.pool.query('DROP TRIGGER fail ON audit_log');
    const { rows } = await database.pool.query('SELECT role::text FROM users WHERE id = $1', [id]);
    expect(rows, 'nor is done what could not be written down').toEqual([{ role: 'reporter' }]);
    expect((await database.pool.query('SELECT count(*) FROM audit_log')).rows).toEqual(before.rows);
  });
});
