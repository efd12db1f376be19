import { generateKeyPair } from 'jose';
import type { JWTPayload } from 'jose';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Account } from '@halo/shapes/protocol/accounts.ts';
import type { Session } from '@halo/shapes/protocol/users.ts';
import { readOidcIssuers } from '../../server/config/oidc-issuers.ts';
import type { OidcIssuer } from '../../server/config/oidc-issuers.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { createErasureJob } from '../../server/privacy/erasure-job.ts';
import { erasePerson } from '../../server/privacy/erase-person.ts';
import { createReportAnonymiser } from '../../server/reports/anonymise.ts';
import { createTestAuth } from '../support/auth.ts';
import type { TestAuth } from '../support/auth.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { startIssuer } from '../support/issuer.ts';
import type { TestIssuer } from '../support/issuer.ts';

const ME = '/api/v1/auth/me';
const AUDIENCE = 'https://halo.example';
/** Everything is short, so that a test sees the far side of each. */
const BOUNDS = { timeoutMs: 2_000, cooldownMs: 300, maxAgeMs: 60_000, failedForMs: 1_500, maxBytes: 50_000 };

let database: TestDatabase;
let issuer: TestIssuer;
let auth: TestAuth;
beforeAll(async () => {
  database = await createTestDatabase();
  issuer = await startIssuer(AUDIENCE);
  auth = await newAuth();
});
afterAll(async () => {
  auth.remove();
  await issuer.close();
  await database.drop();
});

function newAuth(): Promise<TestAuth> {
  const text = JSON.stringify([
    {
      issuer: issuer.url,
      audience: AUDIENCE,
      jwksUrl: issuer.jwksUrl,
      algorithms: ['RS256'],
      roleClaim: ['halo', 'groups'],
      roles: { watch: 'officer', desk: 'operator', field: 'reporter' },
    },
  ]);
  const read = readOidcIssuers(text) as { issuers: readonly OidcIssuer[] };
  const defaults = [undefined, undefined, undefined] as const;
  return createTestAuth(database, ...defaults, { issuers: read.issuers, keyBounds: BOUNDS });
}

const as = (sub: string, groups: readonly string[] = ['field'], more: JWTPayload = {}): JWTPayload => ({
  sub,
  name: `The person ${sub}`,
  halo: { groups },
  sid: `${sub}-session`,
  ...more,
});
const verdict = async (token: string, by = auth) => {
  const answer = await by.get(ME, token);
  const body = (await answer.json()) as Partial<Account> & { code?: string };
  return { status: answer.status, ...body };
};
const cooled = () => new Promise((resolve) => setTimeout(resolve, BOUNDS.cooldownMs + 50));

it('lets in whom another issuer knows, as an account of its own, with the highest role that its claim makes', async () => {
  const email = 'same@halo.example';
  await auth.post('/api/v1/auth/register', { email, password: 'a long enough password', displayName: 'Own' });
  const token = await issuer.token(as('anna', ['other', 'field', 'watch'], { email }));
  const me = await verdict(token);
  expect(me).toMatchObject({ status: 200, role: 'officer', email: null, displayName: 'The person anna' });
  const again = await verdict(await issuer.token(as('anna', ['watch'], { jti: 'another' })));
  expect(again.id).toBe(me.id);
  const { rows } = await database.pool.query('SELECT users.kind, issuer, subject FROM users WHERE id = $1', [
    me.id,
  ]);
  expect(rows).toEqual([{ kind: 'external', issuer: issuer.url, subject: 'anna' }]);
  const claim = { email: 'x@halo.example', password: 'a long enough password', displayName: 'X' };
  expect((await auth.post('/api/v1/auth/claim', claim, token)).status).toBe(409);
});

it('refuses every token that is not exactly as its issuer must make it', async () => {
  const stranger = await generateKeyPair('RS256');
  const now = Math.floor(Date.now() / 1000);
  const secret = new TextEncoder().encode(await issuer.publicText());
  const [, payload] = (await issuer.token(as('eve'))).split('.');
  const none = Buffer.from('{"alg":"none","typ":"at+jwt","kid":"key-0"}').toString('base64url');
  const ps = await generateKeyPair('PS256');
  const forged = {
    'another audience': await issuer.token(as('eve', ['desk'], { aud: 'another' })),
    'another issuer': await issuer.token(as('eve', ['desk'], { iss: 'https://another.example' })),
    'this house as issuer': await issuer.token(as('eve', ['desk'], { iss: 'halo' })),
    'no algorithm': `${none}.${payload}.`,
    'HS256 with the public key': await issuer.token(as('eve', ['desk']), { alg: 'HS256' }, secret),
    'an algorithm that is not allowed': await issuer.token(as('eve'), { alg: 'PS256' }, ps.privateKey),
    'a stranger’s key': await issuer.token(as('eve', ['desk']), {}, stranger.privateKey),
    'an ID token': await issuer.token(as('eve', ['desk']), { typ: 'JWT' }),
    'no type': await issuer.token(as('eve', ['desk']), { typ: undefined }),
    'a torn signature': await issuer.token(as('eve'), {}).then((token) => `${token}x`),
    'no subject': await issuer.token(as('eve', ['desk'], { sub: undefined as never })),
    'no time of issue': await issuer.token(as('eve', ['desk'], { iat: undefined as never })),
    'made in the future': await issuer.token(as('eve', ['desk'], { iat: now + 600, exp: now + 900 })),
    'not good yet': await issuer.token(as('eve', ['desk'], { nbf: now + 600 })),
    'a key by address': await issuer.token(
      as('eve', ['desk']),
      { jku: `${issuer.url}/evil`, kid: 'key-0' },
      stranger.privateKey,
    ),
  };
  for (const [what, token] of Object.entries(forged))
    expect(await verdict(token), what).toMatchObject({ status: 401, code: 'token_invalid' });
  const old = await issuer.token(as('eve', ['desk'], { iat: now - 600, exp: now - 300 }));
  expect(await verdict(old)).toMatchObject({ status: 401, code: 'token_expired' });
  const ancient = await issuer.token(as('eve', ['desk'], { iat: now - 90_000, exp: now + 900 }));
  expect((await verdict(ancient)).status, 'too old, whatever it says').toBe(401);
  const roleless = await issuer.token(as('eve', ['toString', 'constructor']));
  expect(await verdict(roleless)).toMatchObject({ status: 403, code: 'role_missing' });
  const { rowCount } = await database.pool.query(`SELECT FROM users WHERE subject = 'eve'`);
  expect(rowCount).toBe(0);
});

it('asks for keys that it does not know once in a while, and follows their rotation', async () => {
  await cooled();
  expect((await verdict(await issuer.token(as('rob')))).status).toBe(200);
  const before = issuer.asked();
  const unknown = await Promise.all(
    Array.from({ length: 20 }, async (_, n) => verdict(await issuer.token(as('rob'), { kid: `no-${n}` }))),
  );
  expect(unknown.every(({ code }) => code === 'token_invalid')).toBe(true);
  expect(issuer.asked() - before).toBeLessThanOrEqual(2);
  await cooled();
  const early = await issuer.token(as('rob'));
  await issuer.rotate();
  expect((await verdict(await issuer.token(as('rob')))).status).toBe(200);
  expect(await verdict(early), 'its key was taken back').toMatchObject({ code: 'token_invalid' });
});

it('says that an issuer cannot be asked, and asks no faster for that', async () => {
  const other = await newAuth();
  const token = await issuer.token(as('dora'));
  const before = issuer.asked();
  for (const answer of [
    { status: 500, body: '' },
    { status: 200, body: 'not JSON' },
    { status: 200, body: '{"keys":7}' },
    { status: 200, body: JSON.stringify({ keys: [], filler: 'x'.repeat(60_000) }) },
  ]) {
    issuer.answer = answer;
    for (let n = 0; n < 3; n += 1)
      expect(await verdict(token, other)).toMatchObject({ status: 503, code: 'issuer_unavailable' });
    await new Promise((resolve) => setTimeout(resolve, BOUNDS.failedForMs + 50));
  }
  expect(issuer.asked() - before).toBe(4);
  issuer.answer = undefined;
  expect((await verdict(token, other)).status).toBe(200);
  // Who is known already needs nobody to be asked.
  issuer.answer = { status: 500, body: '' };
  expect((await verdict(token, other)).status).toBe(200);
  issuer.answer = undefined;
  other.remove();
});

it('invariant 8: gives nobody another person’s session, whatever its issuer calls it', async () => {
  const mine = await verdict(await issuer.token(as('mia', ['field'], { sid: 'shared' })));
  expect(mine.status).toBe(200);
  const theirs = await issuer.token(as('theo', ['field'], { sid: 'shared' }));
  expect(await verdict(theirs)).toMatchObject({ status: 401, code: 'session_revoked' });
});

it('follows the newest token in the role, never one that was kept back, and writes it down', async () => {
  const now = Math.floor(Date.now() / 1000);
  const kept = await issuer.token(as('ivan', ['desk'], { iat: now - 60 }));
  const made = await verdict(await issuer.token(as('ivan', ['desk'], { iat: now - 50 })));
  expect(made.role).toBe('operator');
  expect((await verdict(await issuer.token(as('ivan', ['field'], { iat: now - 10 })))).role).toBe('reporter');
  expect((await verdict(kept)).role).toBe('reporter');
  const { rows } = await database.pool.query(
    `SELECT actor_kind, details->>'to' AS "to" FROM audit_log WHERE action = 'issuer.role_changed' AND target_id = $1 ORDER BY id`,
    [made.id],
  );
  expect(rows).toEqual([
    { actor_kind: 'system', to: 'operator' },
    { actor_kind: 'system', to: 'reporter' },
  ]);
});

it('invariant 8: ends a session of another issuer for good, and keeps a disabled person out with any token', async () => {
  const token = await issuer.token(as('olga'));
  const { id } = await verdict(token);
  const listed = (await (await auth.get('/api/v1/auth/sessions', token)).json()) as { sessions: Session[] };
  expect(listed.sessions).toMatchObject([{ current: true }]);
  const path = `/api/v1/auth/sessions/${listed.sessions[0]!.id}`;
  const ended = await auth.app.request(path, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${token}` },
  });
  expect(ended.status).toBe(200);
  auth.clock.advance(5_001);
  expect(await verdict(token)).toMatchObject({ status: 401, code: 'session_revoked' });
  const renewed = await issuer.token(as('olga', ['field'], { jti: 'renewed' }));
  expect(await verdict(renewed), 'the same session there').toMatchObject({ code: 'session_revoked' });
  const anew = await issuer.token(as('olga', ['field'], { sid: 'another' }));
  expect(await verdict(anew)).toMatchObject({ status: 200, id });
  await database.pool.query('UPDATE users SET disabled_at = now() WHERE id = $1', [id]);
  auth.clock.advance(5_001);
  expect((await verdict(anew)).code).toBe('session_revoked');
  expect((await verdict(await issuer.token(as('olga', ['field'], { sid: 'third' })))).code).toBe(
    'session_revoked',
  );
});

it('invariant 8: takes the role away with the first token that gives none, and what was handed out with it', async () => {
  const now = Math.floor(Date.now() / 1000);
  const desk = await issuer.token(as('nina', ['desk'], { iat: now - 60 }));
  const { id, role } = await verdict(desk);
  expect(role).toBe('operator');
  const email = 'friend-of-nina@halo.example';
  expect((await auth.post('/api/v1/admin/invitations', { email, role: 'operator' }, desk)).status).toBe(201);
  const none = await issuer.token(as('nina', [], { iat: now - 10 }));
  for (let n = 0; n < 3; n += 1) expect(await verdict(none)).toMatchObject({ code: 'role_missing' });
  auth.clock.advance(5_001);
  expect(await verdict(desk), 'an older token').toMatchObject({ status: 200, role: 'reporter' });
  const open = await database.pool.query('SELECT FROM invitations WHERE email = $1 AND revoked_at IS NULL', [
    email,
  ]);
  expect(open.rowCount).toBe(0);
  const { rows } = await database.pool.query(
    `SELECT details->>'to' AS "to" FROM audit_log WHERE action = 'issuer.role_changed' AND target_id = $1 ORDER BY id`,
    [id],
  );
  expect(rows).toEqual([{ to: 'operator' }, { to: 'reporter' }]);
  expect(await verdict(await issuer.token(as('nobody-yet', [])))).toMatchObject({ status: 403 });
  expect((await database.pool.query(`SELECT FROM users WHERE subject = 'nobody-yet'`)).rowCount).toBe(0);
});

it('begins a session anew that had to make room, on the instance that knew it, too', async () => {
  const token = await issuer.token(as('petra'));
  const { id } = await verdict(token);
  await database.pool.query(
    `INSERT INTO sessions (id, user_id, expires_at, last_used_at, external_key)
     SELECT gen_random_uuid(), $1, now() + interval '1 hour', now() + interval '1 minute', sha256(n::text::bytea)
     FROM generate_series(1, 99) n`,
    [id],
  );
  expect((await verdict(await issuer.token(as('petra', ['field'], { sid: 'one too many' })))).status).toBe(
    200,
  );
  auth.clock.advance(5_001);
  expect(await verdict(token)).toMatchObject({ status: 200, id });
});

it('makes nobody of a subject that cannot be kept, and cleans names', async () => {
  for (const sub of ['a\u0000b', '\ud800', 'x'.repeat(256)])
    expect(await verdict(await issuer.token(as(sub, ['field'], { sid: 'odd' })))).toMatchObject({
      status: 401,
      code: 'token_invalid',
    });
  const name = `Quinn\u0000${'x'.repeat(73)}\u{1f600}`;
  const named = await verdict(
    await issuer.token(as('quinn', ['field'], { name, jti: 'a\u0000', sid: '\ud800' })),
  );
  expect(named).toMatchObject({ status: 200, displayName: `Quinn\ufffd${'x'.repeat(73)}\ufffd` });
});

it('knows a person who was forgotten by no token of before, and by a later one as somebody new', async () => {
  const token = await issuer.token(as('rita'));
  const { id } = await verdict(token);
  await database.pool.query('UPDATE users SET erasing_at = now(), disabled_at = now() WHERE id = $1', [id]);
  const parts = { pool: database.pool, reports: createReportAnonymiser(), newId: uuidv7 };
  await erasePerson(parts, id!, new AbortController().signal);
  auth.clock.advance(5_001);
  const elsewhere = await newAuth();
  const other = await issuer.token(as('rita', ['field'], { sid: 'another' }));
  for (const instance of [auth, elsewhere])
    for (const old of [token, other])
      expect(await verdict(old, instance)).toMatchObject({ status: 401, code: 'session_revoked' });
  elsewhere.remove();
  expect((await database.pool.query(`SELECT FROM users WHERE subject = 'rita'`)).rowCount).toBe(0);
  await database.pool.query(`UPDATE erased_subjects SET erased_at = erased_at - interval '1 minute'`);
  const fresh = await verdict(await issuer.token(as('rita', ['field'], { sid: 'later' })));
  expect(fresh.status).toBe(200);
  expect(fresh.id).not.toBe(id);
  const job = createErasureJob(parts, createLogger('silent'));
  await job.run(new AbortController().signal);
  expect((await database.pool.query('SELECT FROM erased_subjects')).rowCount).toBe(1);
  await database.pool.query(`UPDATE erased_subjects SET erased_at = erased_at - interval '2 days'`);
  await job.run(new AbortController().signal);
  expect((await database.pool.query('SELECT FROM erased_subjects')).rowCount).toBe(0);
});
