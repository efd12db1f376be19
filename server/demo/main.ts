import { startServer } from '../compose/server.ts';
import { loadConfig } from '../config/config.ts';
import { messageOf } from '../platform/errors.ts';
import { createLogger } from '../platform/logger.ts';
import { runDemo } from './demo.ts';

// What `npm run demo` runs: the server as `npm start` starts it, and the simulated city in front of it.
const config = loadConfig();
const server = await startServer(config, createLogger(process.stdout.isTTY ? 'warn' : config.logLevel));
const controller = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => controller.abort());
try {
  await runDemo(server.url, config.dataDir, controller.signal);
} catch (error) {
  if (!controller.signal.aborted) {
    process.stderr.write(`The demo failed: ${messageOf(error)}\n`);
    process.exitCode = 1;
  }
} finally {
  await server.stop();
}
