import { endThoughCallsHang } from './compose/end-process.ts';
import { startOrExit, stopSignal } from './compose/process.ts';

/** What `npm start` runs. Exit codes: 0 stopped in order, 1 could not start or broke down; by SIGTERM where a file call did not return. */
const stopped = stopSignal();
const { server } = await startOrExit(stopped);
const signal = await stopped;
process.stderr.write(`${signal}: draining …\n`);
await server.stop();
endThoughCallsHang();
