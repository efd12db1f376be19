import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startCluster } from '../../server/db/embedded/cluster.ts';
import type { Cluster } from '../../server/db/embedded/cluster.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { hasSharedData, sharedPath } from '../support/shared-data.ts';
import { ACCEPTED_FILE, staleEntries } from './accepted.ts';
import { controlFromShell } from './remote-control.ts';
import { startConformanceServer } from './server.ts';
import type { ConformanceServer } from './server.ts';

// What `npm run conformance` runs: the questions whose answers by Electric are recorded, asked of Halo's raw endpoint,
// and the answers compared. Arguments: a regular expression of sections, and how many differences to show.
const PUBLICATION = 'halo_conformance';
const SECRET = 'a secret of the conformance suite';
/** The recorded server B's, which stands in what was recorded of it. */
const SECRET_B = 's3cret';
const ROLE_PASSWORD = 'of-this-run-alone';
/** More differences than there are cases. */
const ALL = '100000';
/** Of the data that lie beside the project. */
const FILES = ['transcripts.jsonl.gz', 'capture.mjs', 'compare.mjs'];
const [sections = '.', show = '20'] = process.argv.slice(2);

if (!isPattern(sections)) {
  process.stderr.write(`Sections are chosen by a regular expression, and ${sections} is none.\n`);
  process.exit(1);
}
process.exitCode = FILES.every((name) => hasSharedData('electric', name)) ? await conform() : 1;

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

async function conform(): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'halo-conformance-'));
  chmodSync(dir, 0o755);
  const cluster = await startCluster({ dataDir: dir, port: 'free', log: createLogger('warn') });
  const servers: ConformanceServer[] = [];
  try {
    await run(cluster.url(), [
      `CREATE ROLE halo_conformance SUPERUSER LOGIN PASSWORD '${ROLE_PASSWORD}'`,
      'ALTER ROLE halo_conformance SET search_path = halo_conformance, public',
    ]);
    const start = async (name: string, secret: string, deletes: boolean) => {
      const database = await prepare(cluster, name);
      const databaseUrl = withUser(database);
      const server = await startConformanceServer({ databaseUrl, publication: PUBLICATION, secret, deletes });
      servers.push(server);
      return { server, database };
    };
    const a = await start('conformance', SECRET, false);
    const b = await start('conformance_b', SECRET_B, true);
    const control = await controlFromShell(a.server);
    const env = {
      ...{ BASE: a.server.url, PG: a.database, SECRET, PUBLICATION },
      ...{ BASE_B: b.server.url, PG_B: b.database, SECRET_B },
      ...{ STOP: control.stop, START: control.start },
    };
    const answers = join(dir, 'answers.jsonl');
    const asked = await node([sharedPath('electric', 'capture.mjs'), answers, sections], env);
    await control.close();
    return asked.code === 0 ? await compare(answers) : asked.code;
  } finally {
    for (const server of servers) await server.remove();
    await cluster.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Fails where a case differs that is not accepted, and where one is accepted that does not differ. */
async function compare(answers: string): Promise<number> {
  // Neither of the scripts knows what to do with none.
  if (readFileSync(answers, 'utf8').trim() === '') return noneChosen();
  const [script, recorded] = ['compare.mjs', 'transcripts.jsonl.gz'].map((name) =>
    sharedPath('electric', name),
  );
  const args = [script!, recorded!, answers, sections, '--show'];
  const { code } = await node([...args, show, '--accept', ACCEPTED_FILE], {});
  const { output } = await node([...args, ALL], {}, 'pipe');
  if (/\b0 of 0 cases\b/.test(output)) return noneChosen();
  const stale = staleEntries(output, new RegExp(sections));
  if (stale.length === 0) return code;
  process.stdout.write(`accepted, but the same:\n${stale.map((name) => `  ${name}\n`).join('')}`);
  return 1;
}

function noneChosen(): number {
  process.stdout.write(`No recorded case lies in a section that matches ${sections}.\n`);
  return 1;
}

/** The suite drops schema `public`: what Halo itself needs lies in another, on the path of its own role. */
async function prepare(cluster: Cluster, name: string): Promise<string> {
  await run(cluster.url(), [`CREATE DATABASE ${name}`]);
  const database = cluster.url(name);
  await run(database, [
    'CREATE SCHEMA halo_conformance',
    'CREATE TABLE halo_conformance.replication_epoch (epoch uuid NOT NULL, started_at timestamptz NOT NULL DEFAULT now())',
    'INSERT INTO halo_conformance.replication_epoch VALUES (gen_random_uuid())',
    'CREATE TABLE halo_conformance.deleted_shapes (shape text PRIMARY KEY)',
    `CREATE PUBLICATION ${PUBLICATION} FOR TABLE halo_conformance.deleted_shapes`,
  ]);
  return database;
}

function withUser(database: string): string {
  const url = new URL(database);
  url.username = 'halo_conformance';
  url.password = ROLE_PASSWORD;
  return url.href;
}

async function run(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Runs a script; its output is shown, or given back where it is piped. */
function node(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  stdout: 'inherit' | 'pipe' = 'inherit',
): Promise<{ readonly code: number; readonly output: string }> {
  const options = { env: { ...process.env, ...env } };
  const child = spawn(process.execPath, args, { ...options, stdio: ['ignore', stdout, 'inherit'] });
  let output = '';
  child.stdout?.on('data', (bytes: Buffer) => (output += bytes.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? 1, output })));
}
