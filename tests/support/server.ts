import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account } from '@halo/shapes/protocol/accounts.ts';
import type { Tokens } from '@halo/shapes/protocol/auth.ts';
import { startNode, startProcess } from './process.ts';
import type { TestProcess } from './process.ts';

export const OPERATOR = { email: 'operator@halo.example', password: 'an operator of the tests' };

/** Many start at once on a small machine. */
const START_LIMIT_MS = 120_000;

/** A real server in a process of its own, on a database of the caller's. */
export interface TestServer {
  readonly url: string;
  readonly dataDir: string;
  readonly process: TestProcess;
}

/**
 * Starts `server/main.ts` on `databaseUrl` with its own data directory (kept when it is given, so that a
 * killed server can be started again on it) and waits until it says that it is ready. With `other` it is
 * the server of another version: its built program, and the root of its sources.
 */
export async function startServerProcess(
  databaseUrl: string,
  options: {
    dataDir?: string;
    port?: number;
    env?: NodeJS.ProcessEnv;
    other?: { dir: string; serverProgram: string };
  } = {},
): Promise<TestServer> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'halo-server-'));
  const env = {
    DATABASE_URL: databaseUrl,
    HALO_DATA_DIR: dataDir,
    HALO_ADMIN_EMAIL: OPERATOR.email,
    HALO_ADMIN_PASSWORD: OPERATOR.password,
    POLISEN_FEED_URL: 'off',
    HALO_BACKUP_DIR: 'off',
    LOG_LEVEL: 'warn',
    PORT: String(options.port ?? 0),
    ...options.env,
  };
  const process =
    options.other === undefined
      ? startProcess('server/main.ts', [], env)
      : startNode([options.other.serverProgram], options.other.dir, env);
  const [, url] = await process.waitFor(/Field app +(http:\/\/[^\s/]+)/, { withinMs: START_LIMIT_MS });
  return { url: url!, dataDir, process };
}

/** Stops the server in order and removes its data directory. */
export async function stopServerProcess(server: TestServer): Promise<void> {
  await server.process.kill('SIGTERM');
  rmSync(server.dataDir, { recursive: true, force: true });
}

/** An account made through the public API. */
export interface TestAccount {
  readonly email: string;
  readonly password: string;
  readonly id: string;
}

/** Registers a reporter. */
export async function registerAccount(url: string, name: string): Promise<TestAccount> {
  const login = { email: `${name}-${crypto.randomUUID()}@halo.example`, password: `the password of ${name}` };
  const account = await post<Account>(url, '/api/v1/auth/register', { ...login, displayName: name });
  return { ...login, id: account.id };
}

/** Logs in and returns the access token. */
export async function accessToken(
  url: string,
  account: { email: string; password: string },
): Promise<string> {
  const { email, password } = account;
  return (await post<Tokens>(url, '/api/v1/auth/login', { email, password })).accessToken;
}

async function post<T>(origin: string, path: string, body: unknown): Promise<T> {
  const response = await fetch(new URL(path, origin), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`POST ${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
