import { startOrExit, stopSignal } from '../compose/process.ts';
import { messageOf } from '../platform/errors.ts';
import { runDemo } from './demo.ts';

// What `npm run demo` runs: the server as `npm start` starts it, and the simulated city in front of it.
const controller = new AbortController();
void stopSignal().then(() => controller.abort());
// In a terminal the story stands alone.
const { config, server } = await startOrExit(process.stdout.isTTY ? 'warn' : undefined);
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
