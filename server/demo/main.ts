import { endThoughCallsHang } from '../compose/end-process.ts';
import { startOrExit, stopSignal } from '../compose/process.ts';
import { messageOf } from '../platform/errors.ts';
import { runDemo } from './demo.ts';

// What `npm run demo` runs: the server as `npm start` starts it, and the simulated city in front of it.
const stopped = stopSignal();
// In a terminal the story stands alone.
const { config, logger, server, firstOperator, ending } = await startOrExit(
  stopped,
  process.stdout.isTTY ? 'warn' : undefined,
);
const { adminEmail: email, adminPassword: password } = config;
const operator = firstOperator ?? (password === undefined ? undefined : { email, password });
try {
  await runDemo({ url: server.url, config, logger, operator }, ending);
} catch (error) {
  if (!ending.aborted) {
    process.stderr.write(`The demo failed: ${messageOf(error)}\n`);
    process.exitCode = 1;
  }
} finally {
  await server.stop();
  endThoughCallsHang();
}
