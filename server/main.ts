import { startServer } from './compose/server.ts';
import type { RunningServer } from './compose/server.ts';
import { loadConfig } from './config/config.ts';
import { HaloError, messageOf } from './platform/errors.ts';
import { createLogger } from './platform/logger.ts';

/** Exit codes: 0 stopped in order, 1 could not start or broke down. */
await main();

async function main(): Promise<void> {
  // Listened for from the beginning: a signal that comes while Halo starts must not leave Postgres running.
  const stopped = stopSignal();
  let server: RunningServer;
  try {
    const config = loadConfig();
    server = await startServer(config, createLogger(config.logLevel));
  } catch (error) {
    process.stderr.write(`${sentence(error)}\n`);
    // Nothing is open any more; only the listeners for signals would keep the process.
    process.exit(1);
  }
  greet(server);
  const signal = await stopped;
  process.stderr.write(`${signal}: draining …\n`);
  await server.stop();
}

/** One clear sentence about why Halo cannot start, and what to do. */
function sentence(error: unknown): string {
  if (!(error instanceof HaloError)) return `Halo cannot start: ${messageOf(error)}`;
  return `Halo cannot start: ${error.message}${error.hint === undefined ? '' : ` ${error.hint}`} [${error.code}]`;
}

function greet({ url, firstOperator }: RunningServer): void {
  const lines = [
    '',
    `  Halo is ready.`,
    `  Field app      ${url}/`,
    `  API reference  ${url}/docs`,
    `  Health         ${url}/health   ${url}/ready   ${url}/metrics`,
  ];
  if (firstOperator !== undefined) {
    lines.push('', '  The first operator (shown this once):');
    lines.push(`    e-mail    ${firstOperator.email}`, `    password  ${firstOperator.password}`);
  }
  process.stdout.write(`${lines.join('\n')}\n\n`);
}

/**
 * Resolves at the first SIGINT, SIGTERM or SIGHUP (the terminal is gone). npm passes a terminal's Ctrl-C on, so the same signal may come
 * twice within a moment: more of them do not cut the drain short.
 */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(signal));
  });
}
