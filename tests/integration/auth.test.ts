import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import type { Tokens } from '@halo/shapes/protocol/auth.ts';
import { ACCESS_TOKEN_S } from '../../server/auth/access-token.ts';
import { ensureFirstOperator } from '../../server/auth/first-operator.ts';
import { createPasswords } from '../../server/auth/passwords.ts';
import { createTestAuth, movableClock } from '../support/auth.ts';
import type { TestAuth } from '../support/auth.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';

const REFRESH = '/api/v1/auth/refresh';
const ME = '/api/v1/auth/me';

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

const refresh = (refreshToken: string) => auth.post(REFRESH, { refreshToken });
const problem = async (response: Response) => ({
  status: response.status,
  ...((await response.json()) as { code: string }),
});
const tokensOf = async (response: Response) => (await response.json()) as Tokens;

describe('accounts', () => {
  it('registers reporters, and nobody as anything else', async () => {
    const body = { email: 'New.Person@halo.example', password: 'a long enough password', displayName: 'New' };
    const made = await auth.post('/api/v1/auth/register', body);
    expect(made.status).toBe(201);
    expect(await made.json()).toMatchObject({ email: 'new.person@halo.example', role: 'reporter' });
    const cunning = { ...body, email: 'cunning@halo.example', role: 'operator' };
    expect(await problem(await auth.post('/api/v1/auth/register', cunning))).toMatchObject({
      status: 400,
      code: 'invalid_request',
    });
    expect(await problem(await auth.post('/api/v1/auth/register', body))).toMatchObject({
      status: 409,
      code: 'email_taken',
      field: 'email',
    });
  });

  it.each([
    [{ email: 'nobody', password: 'a long enough password', displayName: 'X' }, 'email'],
    [{ email: 'a@halo.example', password: 'short', displayName: 'X' }, 'password'],
    [{ email: 'a@halo.example', password: 'a long enough password', displayName: ' ' }, 'displayName'],
  ])('names the field that is wrong: %j', async (body, field) => {
    expect(await problem(await auth.post('/api/v1/auth/register', body))).toMatchObject({
      status: 400,
      field,
    });
  });

  it('answers an unknown address and a wrong password alike', async () => {
    const { email } = await auth.login();
    const wrong = await auth.post('/api/v1/auth/login', { email, password: 'not the password' });
    const unknown = await auth.post('/api/v1/auth/login', {
      email: 'no@halo.example',
      password: 'not the password',
    });
    expect(await wrong.text()).toBe(await unknown.text());
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
  });

  it('keeps passwords as argon2id', async () => {
    await auth.login();
    const { rows } = await database.pool.query<{ password_hash: string }>(
      'SELECT password_hash FROM users LIMIT 1',
    );
    expect(rows[0]?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('takes no password that is among the first to be guessed, and does not cut the others', async () => {
    const email = 'guessed@halo.example';
    const register = (password: string) =>
      auth.post('/api/v1/auth/register', { email, password, displayName: 'Guessed' });
    expect(await problem(await register('Password123'))).toMatchObject({
      status: 400,
      code: 'password_guessable',
      field: 'password',
    });
    const longest = 'å'.repeat(100) + 'ä'.repeat(100);
    expect((await register(longest)).status).toBe(201);
    const login = async (password: string) =>
      (await auth.post('/api/v1/auth/login', { email, password })).status;
    expect(await login(longest.slice(0, -1)), 'shorter by one').toBe(401);
    expect(await login(longest.toUpperCase()), 'of another case').toBe(401);
    expect(await login(longest)).toBe(200);
  });

  it('makes the first operator once, and shows a generated password once', async () => {
    const passwords = await createPasswords();
    await expect(
      ensureFirstOperator(database.pool, passwords, 'admin@localhost', 'administrator'),
    ).rejects.toMatchObject({ code: 'password_guessable', field: 'HALO_ADMIN_PASSWORD' });
    const first = await ensureFirstOperator(database.pool, passwords, 'admin@localhost', undefined);
    expect(first?.email).toBe('admin@localhost');
    expect(first?.password, '128 bits').toMatch(/^[\w-]{22}$/);
    const login = await auth.post('/api/v1/auth/login', first);
    expect(login.status).toBe(200);
    const me = await auth.get(ME, (await tokensOf(login)).accessToken);
    expect(await me.json()).toMatchObject({ role: 'operator' });
    expect(
      await ensureFirstOperator(database.pool, passwords, 'second@localhost', undefined),
    ).toBeUndefined();
  });
});

describe('access tokens', () => {
  it('say who calls, and no token is 401 with a challenge', async () => {
    const { accessToken, email } = await auth.login();
    expect(await (await auth.get(ME, accessToken)).json()).toMatchObject({ email, role: 'reporter' });
    const without = await auth.get(ME);
    expect(without.headers.get('www-authenticate')).toBe('Bearer');
    expect(await problem(without)).toMatchObject({ status: 401, code: 'token_missing' });
  });

  it('run out', async () => {
    const clock = movableClock();
    const later = await createTestAuth(database, clock);
    const { accessToken } = await later.login();
    clock.advance((ACCESS_TOKEN_S - 1) * 1000);
    expect((await later.get(ME, accessToken)).status).toBe(200);
    clock.advance(2_000);
    expect(await problem(await later.get(ME, accessToken))).toMatchObject({
      status: 401,
      code: 'token_expired',
    });
    later.remove();
  });

  it('are refused when forged in any of the known ways', async () => {
    const { accessToken } = await auth.login();
    const claims = JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString()) as Record<
      string,
      string
    >;
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const sign = (
      header: { alg: string; typ: string; kid: string; jwk?: JWK; jku?: string },
      changes: object,
      key: CryptoKey | Uint8Array,
    ) => new SignJWT({ ...claims, ...changes }).setProtectedHeader(header).sign(key);
    const header = { alg: 'EdDSA', typ: 'at+jwt', kid: auth.key.kid };
    const none = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${accessToken.split('.')[1]}.`;
    const publicBytes = Buffer.from(JSON.stringify(auth.key.publicJwk));
    const forged = [
      none,
      await sign(header, {}, privateKey),
      await sign({ ...header, kid: 'unknown-key-id' }, {}, privateKey),
      await sign({ ...header, kid: 'mine', jwk: await exportJWK(publicKey) }, {}, privateKey),
      await sign({ ...header, jku: 'http://127.0.0.1:1/jwks.json' }, {}, privateKey),
      await sign({ ...header, alg: 'HS256' }, {}, publicBytes),
      await sign({ ...header, typ: 'JWT' }, {}, auth.key.privateKey),
      await sign(header, { iss: 'another' }, auth.key.privateKey),
      await sign(header, { aud: 'another' }, auth.key.privateKey),
      await sign(header, { nbf: Math.floor(auth.clock.now().getTime() / 1000) + 60 }, auth.key.privateKey),
      await sign(header, { sub: 'not a uuid' }, auth.key.privateKey),
      await sign(header, { role: 'god' }, auth.key.privateKey),
      accessToken.slice(0, -4),
    ];
    for (const token of forged) {
      expect(await problem(await auth.get(ME, token))).toMatchObject({ status: 401, code: 'token_invalid' });
    }
    expect((await auth.get(ME, await sign(header, {}, auth.key.privateKey))).status).toBe(200);
  });

  it('of one instance are verified by another with other keys', async () => {
    const other = await createTestAuth(database);
    const { accessToken } = await other.login();
    auth.clock.advance(10_000);
    expect((await auth.get(ME, accessToken)).status).toBe(200);
    const jwks = (await (await auth.get('/.well-known/jwks.json')).json()) as {
      keys: { kid: string; d?: string }[];
    };
    expect(jwks.keys.map(({ kid }) => kid)).toEqual(expect.arrayContaining([auth.key.kid, other.key.kid]));
    expect(jwks.keys.every(({ d }) => d === undefined)).toBe(true);
    await database.pool.query('UPDATE signing_keys SET retired_at = now() WHERE kid = $1', [other.key.kid]);
    auth.clock.advance(60_001);
    expect(await problem(await auth.get(ME, accessToken)), 'its key is retired').toMatchObject({
      status: 401,
      code: 'token_invalid',
    });
    other.remove();
  });

  it('invariant 8: end within seconds when the session is revoked or the user disabled', async () => {
    const { accessToken, refreshToken } = await auth.login();
    expect((await auth.get(ME, accessToken)).status).toBe(200);
    expect((await auth.post('/api/v1/auth/logout', { refreshToken })).status).toBe(204);
    auth.clock.advance(5_001);
    expect(await problem(await auth.get(ME, accessToken))).toMatchObject({
      status: 401,
      code: 'session_revoked',
    });
    const second = await auth.login();
    await database.pool.query('UPDATE users SET disabled_at = now() WHERE email = $1', [second.email]);
    expect(await problem(await auth.get(ME, second.accessToken))).toMatchObject({ code: 'session_revoked' });
    expect((await refresh(second.refreshToken)).status).toBe(401);
    expect(
      (await auth.post('/api/v1/auth/login', { email: second.email, password: second.password })).status,
    ).toBe(401);
  });
});

describe('refresh tokens', () => {
  it('rotate, and a stolen one ends the session once its successor is in use', async () => {
    const { refreshToken: first } = await auth.login();
    const { refreshToken: second } = await tokensOf(await refresh(first));
    const { refreshToken: third } = await tokensOf(await refresh(second));
    auth.clock.advance(60_000);
    expect(await problem(await refresh(first))).toMatchObject({ status: 401, code: 'refresh_reused' });
    expect(await problem(await refresh(third))).toMatchObject({ status: 401, code: 'refresh_invalid' });
  });

  it('survive a lost answer, however late it is asked for again', async () => {
    const { refreshToken } = await auth.login();
    const lost = await tokensOf(await refresh(refreshToken));
    auth.clock.advance(86_400_000);
    const again = await refresh(refreshToken);
    expect(again.status).toBe(200);
    expect((await refresh((await tokensOf(again)).refreshToken)).status).toBe(200);
    expect(await problem(await refresh(lost.refreshToken))).toMatchObject({
      status: 401,
      code: 'refresh_reused',
    });
  });

  it('show the thief who exchanged one before its owner did: the session ends', async () => {
    const { refreshToken: stolen, accessToken } = await auth.login();
    const thiefs = await tokensOf(await refresh(stolen));
    auth.clock.advance(3_600_000);
    const owners = await tokensOf(await refresh(stolen));
    expect((await refresh(thiefs.refreshToken)).status, 'nobody can tell yet').toBe(200);
    auth.clock.advance(3_600_000);
    expect(await problem(await refresh(owners.refreshToken))).toMatchObject({ code: 'refresh_reused' });
    const { sid } = JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString()) as {
      sid: string;
    };
    const { rows } = await database.pool.query('SELECT revoked_reason FROM sessions WHERE id = $1', [sid]);
    expect(rows).toEqual([{ revoked_reason: 'token_reuse' }]);
    expect(await problem(await auth.get(ME, thiefs.accessToken))).toMatchObject({ status: 401 });
  });

  it('are exchanged a bounded number of times, and forgotten when no answer can bring them back', async () => {
    const { refreshToken } = await auth.login();
    for (let n = 0; n < 100; n += 1) expect((await refresh(refreshToken)).status).toBe(200);
    expect(await problem(await refresh(refreshToken))).toMatchObject({ code: 'refresh_reused' });

    let { refreshToken: newest } = await auth.login('weekly');
    for (let week = 0; week < 20; week += 1) {
      auth.clock.advance(7 * 86_400_000);
      newest = (await tokensOf(await refresh(newest))).refreshToken;
    }
    const { rows } = await database.pool.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
         JOIN users u ON u.id = s.user_id WHERE u.email LIKE 'weekly-%'`,
    );
    expect(rows[0]?.n).toBeLessThan(12);
  });

  it('let nobody be logged out by twenty refreshes at once', async () => {
    const { refreshToken } = await auth.login();
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refreshToken)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    for (const answer of answers)
      expect((await refresh((await tokensOf(answer)).refreshToken)).status).toBe(200);
  });

  it('are unknown, torn or run out: 401', async () => {
    const { refreshToken } = await auth.login();
    expect((await refresh('x'.repeat(43))).status).toBe(401);
    auth.clock.advance(61 * 86_400_000);
    expect(await problem(await refresh(refreshToken))).toMatchObject({
      status: 401,
      code: 'refresh_invalid',
    });
  });

  it('are stored as hashes only', async () => {
    const { refreshToken } = await auth.login();
    const { rows } = await database.pool.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM refresh_tokens WHERE encode(token_hash, 'escape') LIKE '%' || $1 || '%'`,
      [refreshToken],
    );
    expect(rows).toEqual([{ n: 0 }]);
  });
});
