import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { eventually } from './eventually.ts';

const SHIPPED = fileURLToPath(new URL('../../deploy/nginx.conf', import.meta.url));
/** Debian's build keeps bodies and answers in folders of the system, which only root may write. */
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** A real nginx with the configuration that is shipped; it ends with the test. */
export interface Balancer {
  readonly url: string;
  /** Serves from other instances from now on, as an operator does who edits the file and reloads it. */
  use(servers: readonly { readonly url: string }[]): Promise<void>;
  /** What it has complained of so far. */
  complaints(): string;
}

/** Whether there is an nginx; says on standard error when not. */
export function hasNginx(): boolean {
  const found = spawnSync('nginx', ['-v'], { stdio: 'ignore' }).status === 0;
  if (!found) process.stderr.write('skipped: no nginx (install the package nginx-light)\n');
  return found;
}

/** Starts nginx over the instances given, and waits until it answers for them. */
export async function startBalancer(servers: readonly { readonly url: string }[]): Promise<Balancer> {
  const dir = mkdtempSync(join(tmpdir(), 'halo-nginx-'));
  const port = await freePort();
  const file = join(dir, 'nginx.conf');
  writeFileSync(file, configuration(dir, port, servers));
  const child = spawn('nginx', ['-p', dir, '-c', file, '-e', join(dir, 'error.log'), '-g', 'daemon off;'], {
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  });
  const complaints = () => {
    const log = join(dir, 'error.log');
    return existsSync(log) ? readFileSync(log, 'utf8') : '';
  };
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`nginx has ended: ${complaints()}`);
    return (await fetch(`${url}/health`)).ok;
  });
  return {
    url,
    complaints,
    async use(others) {
      writeFileSync(file, configuration(dir, port, others));
      const { status, stderr } = spawnSync('nginx', ['-p', dir, '-c', file, '-t'], { encoding: 'utf8' });
      if (status !== 0) throw new Error(`nginx takes the configuration not: ${stderr}`);
      child.kill('SIGHUP');
      // Workers that have the old file answer what they hold, and take no new connection.
      await eventually(async () => (await fetch(`${url}/health`)).ok);
    },
  };
}

/**
 * The shipped file, but for where it listens, whom it asks, and where it writes. Instances have addresses here, and no
 * names that are looked up again: Debian's nginx is older than that.
 */
function configuration(dir: string, port: number, servers: readonly { readonly url: string }[]): string {
  let text = readFileSync(SHIPPED, 'utf8');
  const put = (pattern: RegExp, by: string) => {
    if (!pattern.test(text)) throw new Error(`deploy/nginx.conf has no ${String(pattern)}`);
    text = text.replace(pattern, by);
  };
  put(/ +resolver 127\.0\.0\.11 [^\n]*\n/, '');
  const upstream = /( +server )halo-1:3000 resolve( [^\n]*\n)(?: +server halo-\d:3000 resolve [^\n]*\n)*/;
  const [, before, after] = upstream.exec(text) ?? [];
  put(upstream, servers.map(({ url }) => `${before}127.0.0.1:${new URL(url).port}${after}`).join(''));
  put(/listen 8080/, `listen 127.0.0.1:${port}`);
  put(/pid \/tmp\/nginx\.pid/, `pid ${join(dir, 'nginx.pid')}`);
  put(/error_log \/dev\/stderr/, `error_log ${join(dir, 'error.log')}`);
  const folders = TEMPORARY.map((name) => `    ${name}_temp_path ${join(dir, name)};`).join('\n');
  put(/http \{\n/, `http {\n${folders}\n`);
  return text;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
