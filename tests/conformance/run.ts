import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startCluster } from '../../server/db/embedded/cluster.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { hasSharedData, sharedPath } from '../support/shared-data.ts';
import { startConformanceServer } from './server.ts';

// What `npm run conformance` runs: the questions whose answers by Electric are recorded, asked of Halo's raw endpoint,
// and the answers compared. Arguments: a regular expression of sections, and how many differences to show.
const PUBLICATION = 'halo_conformance';
const SECRET = 'a secret of the conformance suite';
const ROLE_PASSWORD = 'of-this-run-alone';
const ACCEPTED = fileURLToPath(new URL('accepted.json', import.meta.url));
const [sections = '.', show = '20'] = process.argv.slice(2);

process.exitCode = hasSharedData('electric', 'transcripts.jsonl.gz') ? await conform() : 1;

async function conform(): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'halo-conformance-'));
  chmodSync(dir, 0o755);
  const cluster = await startCluster({ dataDir: dir, port: 'free', log: createLogger('warn') });
  try {
    const database = cluster.url('conformance');
    await prepare(cluster.url(), database);
    const server = await startConformanceServer(withUser(database), PUBLICATION, SECRET);
    const answers = join(dir, 'answers.jsonl');
    const env = { BASE: server.url, PG: database, SECRET, PUBLICATION };
    const asked = await node([sharedPath('electric', 'capture.mjs'), answers, sections], env);
    await server.stop();
    if (asked !== 0) return asked;
    const recorded = sharedPath('electric', 'transcripts.jsonl.gz');
    const options = ['--show', show, '--accept', ACCEPTED];
    return await node([sharedPath('electric', 'compare.mjs'), recorded, answers, sections, ...options], {});
  } finally {
    await cluster.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The suite drops schema `public`: what Halo itself needs lies in another, on the path of its own role. */
async function prepare(admin: string, database: string): Promise<void> {
  await run(admin, ['CREATE DATABASE conformance']);
  await run(database, [
    `CREATE ROLE halo_conformance SUPERUSER LOGIN PASSWORD '${ROLE_PASSWORD}'`,
    'CREATE SCHEMA halo_conformance',
    'ALTER ROLE halo_conformance SET search_path = halo_conformance, public',
    'CREATE TABLE halo_conformance.replication_epoch (epoch uuid NOT NULL, started_at timestamptz NOT NULL DEFAULT now())',
    'INSERT INTO halo_conformance.replication_epoch VALUES (gen_random_uuid())',
    `CREATE PUBLICATION ${PUBLICATION}`,
  ]);
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

function node(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
}
