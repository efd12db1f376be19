// What the npm scripts run: plain Node without any package, so that it works on a fresh clone. It installs and
// builds what is missing, then runs the chosen entry in this same process, so that signals reach it directly.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OLDEST_NODE = [20, 19];
const STOP_SIGNALS = ['SIGINT', 'SIGTERM'];
const FIELD_APP = join(ROOT, 'client-sdk', 'field-app');

/** Entry of each command, whether it shows the web app, and where it keeps what it makes unless told otherwise. */
const COMMANDS = {
  start: { entry: './main.ts', needsApp: true },
  // Simulated incidents must not get among real ones.
  demo: { entry: './demo/main.ts', needsApp: true, dataDir: '.halo-demo' },
  test: { entry: '../tests/run.ts', needsApp: true },
  bench: { entry: '../tests/bench/run.ts', needsApp: false },
  conformance: { entry: '../tests/conformance/run.ts', needsApp: false },
  import: { entry: './import/main.ts', needsApp: false },
  'evaluate:linking': { entry: '../tests/evaluation/linking/run.ts', needsApp: false },
  'evaluate:predictions': { entry: '../tests/evaluation/predictions/run.ts', needsApp: false },
  replay: { entry: '../tests/evaluation/replay/run.ts', needsApp: false },
  oracle: { entry: '../tests/oracle/run.ts', needsApp: false },
  build: { entry: '../.ci/build.mjs', needsApp: true },
  check: { entry: '../.ci/check.mjs', needsApp: false },
};

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  fail(`Halo needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}.`);
}

/**
 * Runs npm; its output is shown only when it fails, and then `advice` after it. A signal ends npm too: one left
 * behind would go on changing node_modules under the next start.
 */
async function npm(args, purpose, advice) {
  process.stderr.write(`${purpose} …\n`);
  const isWindows = process.platform === 'win32';
  const stdio = ['ignore', 'pipe', 'pipe'];
  const child = spawn(isWindows ? 'npm.cmd' : 'npm', args, { cwd: ROOT, stdio, shell: isWindows });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += bytes));
  const endChild = (signal) => child.kill(signal);
  for (const signal of STOP_SIGNALS) process.on(signal, endChild);
  const { code, signal, error } = await new Promise((resolve) => {
    child.once('error', (cause) => resolve({ error: cause }));
    child.once('close', (exitCode, exitSignal) => resolve({ code: exitCode, signal: exitSignal }));
  });
  for (const name of STOP_SIGNALS) process.off(name, endChild);
  if (code === 0) return;
  process.stderr.write(output);
  if (error !== undefined) fail(`npm could not be run (${error.code}); it comes with Node.`);
  fail(`\`npm ${args.join(' ')}\` ${signal === null ? 'failed' : `was ended by ${signal}`}. ${advice}`);
}

async function installWhatIsMissing() {
  const installed = join(ROOT, 'node_modules', '.package-lock.json');
  const locked = join(ROOT, 'package-lock.json');
  if (existsSync(installed)) {
    if (statSync(installed).mtimeMs >= statSync(locked).mtimeMs) return;
    if (holdsAll(JSON.parse(readFileSync(installed, 'utf8')), JSON.parse(readFileSync(locked, 'utf8'))))
      return;
  }
  await npm(
    ['ci', '--no-audit', '--no-fund'],
    'Installing packages',
    'The packages come from the npm registry, which must be reached once.',
  );
}

/**
 * Whether what is installed is what the lock names. A checkout or a copy gives the lock a new date without new
 * contents, and `npm ci` would then first remove packages that a closed network cannot bring back. What is
 * optional may be missing: it is for other platforms.
 */
function holdsAll(installed, locked) {
  return Object.entries(locked.packages).every(([path, { version, integrity, optional, link }]) => {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return true;
    const found = installed.packages[path];
    if (found === undefined) return optional === true;
    return found.version === version && found.integrity === integrity && found.link === link;
  });
}

/** Newest change, in milliseconds, of any file below `folder`. */
function newestBelow(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist' || /\.test\.tsx?$/.test(entry.name)) continue;
    const path = join(folder, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newestBelow(path) : statSync(path).mtimeMs);
  }
  return newest;
}

async function buildWhatIsMissing() {
  const built = join(FIELD_APP, 'dist', 'index.html');
  const sources = Math.max(newestBelow(join(ROOT, 'client-sdk')), newestBelow(join(ROOT, 'shapes')));
  if (existsSync(built) && statSync(built).mtimeMs >= sources) return;
  await npm(
    ['run', 'build', '--workspace', '@halo/field-app'],
    'Building the field app',
    'What the build printed stands above.',
  );
}

const command = COMMANDS[process.argv[2]];
if (command === undefined) fail(`Usage: node server/launch.mjs ${Object.keys(COMMANDS).join('|')}`);
checkNode();
await installWhatIsMissing();
if (command.needsApp) await buildWhatIsMissing();
if (command.dataDir !== undefined) process.env.HALO_DATA_DIR ||= command.dataDir;
process.argv.splice(1, 2, fileURLToPath(new URL(command.entry, import.meta.url)));
if (command.entry.endsWith('.ts')) (await import('tsx/esm/api')).register();
await import(new URL(command.entry, import.meta.url).href);
