// What the npm scripts run: plain Node without any package, so that it works on a fresh clone. There it installs and
// builds what is missing; in an image, which is complete, it does not. Then it runs the chosen entry in this same
// process, so that signals reach it directly.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LOCK = join(ROOT, 'package-lock.json');
const OLDEST_NODE = [20, 19];
const STOP_SIGNALS = ['SIGINT', 'SIGTERM'];

/** The web apps: what each is built of, and how it is called. */
const APPS = [
  {
    name: 'the field app',
    workspace: '@halo/field-app',
    folder: join(ROOT, 'client-sdk', 'field-app'),
    sources: ['client-sdk', 'shapes'],
  },
  {
    name: 'the console',
    workspace: '@halo/console',
    folder: join(ROOT, 'server', 'console'),
    // Of the field app the outlines of the land.
    sources: ['server/console', 'client-sdk/field-app/build', 'shapes'],
  },
];

/** Entry of each command, whether it shows the web apps, and where it keeps what it makes unless told otherwise. */
const COMMANDS = {
  start: { entry: './main.ts', needsApps: true },
  // Simulated incidents must not get among real ones.
  demo: { entry: './demo/main.ts', needsApps: true, dataDir: '.halo-demo' },
  test: { entry: '../tests/run.ts', needsApps: true },
  bench: { entry: '../tests/bench/run.ts', needsApps: false },
  conformance: { entry: '../tests/conformance/run.ts', needsApps: false },
  import: { entry: './import/main.ts', needsApps: false },
  retention: { entry: './retention/main.ts', needsApps: false },
  operator: { entry: './operator/main.ts', needsApps: false },
  backup: { entry: './backup/backup-main.ts', needsApps: false },
  restore: { entry: './backup/restore-main.ts', needsApps: false },
  'evaluate:linking': { entry: '../tests/evaluation/linking/run.ts', needsApps: false },
  'evaluate:predictions': { entry: '../tests/evaluation/predictions/run.ts', needsApps: false },
  replay: { entry: '../tests/evaluation/replay/run.ts', needsApps: false },
  oracle: { entry: '../tests/oracle/run.ts', needsApps: false },
  load: { entry: '../tests/load/run.ts', needsApps: false },
  build: { entry: '../.ci/build.mjs', needsApps: true },
  check: { entry: '../.ci/check.mjs', needsApps: false },
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
  if (existsSync(installed)) {
    if (statSync(installed).mtimeMs >= statSync(LOCK).mtimeMs) return;
    if (holdsAll(JSON.parse(readFileSync(installed, 'utf8')), JSON.parse(readFileSync(LOCK, 'utf8')))) return;
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

async function buildWhatIsMissing({ name, workspace, folder, sources }) {
  const built = join(folder, 'dist', 'index.html');
  const newest = Math.max(...sources.map((path) => newestBelow(join(ROOT, path))));
  if (existsSync(built) && statSync(built).mtimeMs >= newest) return;
  await npm(
    ['run', 'build', '--workspace', workspace],
    `Building ${name}`,
    'What the build printed stands above.',
  );
}

const command = COMMANDS[process.argv[2]];
if (command === undefined) fail(`Usage: node server/launch.mjs ${Object.keys(COMMANDS).join('|')}`);
checkNode();
// The image has no lock: it holds what was built, neither the sources nor the tools nor a place to write to.
const isComplete = !existsSync(LOCK);
if (isComplete && !existsSync(new URL(command.entry, import.meta.url)))
  fail(`\`npm run ${process.argv[2]}\` needs a clone: an image does not hold what it runs.`);
if (!isComplete) await installWhatIsMissing();
if (command.dataDir !== undefined) process.env.HALO_DATA_DIR ||= command.dataDir;
if (command.needsApps && !isComplete) for (const app of APPS) await buildWhatIsMissing(app);
process.argv.splice(1, 2, fileURLToPath(new URL(command.entry, import.meta.url)));
if (command.entry.endsWith('.ts')) (await import('tsx/esm/api')).register();
await import(new URL(command.entry, import.meta.url).href);
