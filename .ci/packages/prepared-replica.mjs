// Prepares the empty replica with which a device begins, by the very PGlite that is installed; made once for a version.
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { PGlite } from '@electric-sql/pglite';
import { tsImport } from 'tsx/esm/api';

/** Where the client looks for it. */
export const PREPARED = fileURLToPath(
  new URL('../../client-sdk/dist/replica/empty-replica.bin', import.meta.url),
);
const PREPARED_FOLDER = new URL('../../client-sdk/platform/prepared/', import.meta.url).href;

/** Makes it where it is missing or of another PGlite or format. Others that do so at the same time make the same. */
export async function prepareReplica() {
  const { pack, unpack } = await tsImport(`${PREPARED_FOLDER}prepared-replica.ts`, import.meta.url);
  const { pgliteVersion } = await tsImport(`${PREPARED_FOLDER}pglite-version.ts`, import.meta.url);
  if (preparedVersion(unpack) === installedVersion()) return;
  const top = mkdtempSync(join(tmpdir(), 'halo-prepared-'));
  try {
    const dir = join(top, 'replica');
    const pglite = await makeDatabase(dir, pgliteVersion);
    // A version that PGlite did not say as npm does would be made anew each time, and be used by no client.
    if (pglite !== installedVersion()) throw new Error(`PGlite ${installedVersion()} calls itself ${pglite}`);
    const packed = gzipSync(pack({ pglite, ...entriesOf(dir) }), { level: 9 });
    mkdirSync(dirname(PREPARED), { recursive: true });
    const beside = `${PREPARED}.${process.pid}`;
    writeFileSync(beside, packed);
    renameSync(beside, PREPARED);
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}

function installedVersion() {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  return JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8')).version;
}

/** Undefined where there is none that can be read. */
function preparedVersion(unpack) {
  try {
    return unpack(new Uint8Array(gunzipSync(readFileSync(PREPARED)))).pglite;
  } catch {
    return undefined;
  }
}

/**
 * Makes an empty database and tells by which PGlite. It begins a new segment of the WAL: all of what initdb wrote there
 * would else be carried to every device, and is more than half of what cannot be compressed.
 */
async function makeDatabase(dir, pgliteVersion) {
  const database = await PGlite.create(dir);
  await database.exec('SET wal_recycle = off');
  await database.exec('SELECT pg_switch_wal()');
  await database.exec('CHECKPOINT');
  const version = await pgliteVersion(database);
  await database.close();
  return version;
}

/** All that lies below `dir`, in the order of its names. */
function entriesOf(dir) {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true })
    .map((entry) => ({ path: join(entry.parentPath, entry.name), isFile: entry.isFile() }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const named = (path) => relative(dir, path).split(sep).join('/');
  return {
    directories: entries.filter(({ isFile }) => !isFile).map(({ path }) => named(path)),
    files: entries
      .filter(({ isFile }) => isFile)
      .map(({ path }) => ({ path: named(path), contents: new Uint8Array(readFileSync(path)) })),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await prepareReplica();
