import { sleep } from '../platform/sleep.ts';

/** Long enough for what was left in order, on a machine that rests for some seconds; whoever stops the process waits for a minute. */
const LINGERS_MS = 10_000;
const LOOKS_EVERY_MS = 50;

/**
 * To be called when all is closed: ends the process soon though a file call never returns, as by the signal that it was told to end by.
 * Such a call keeps Node's loop going, and `process.exit` waits for its thread. Where nothing is left the process ends by itself before.
 */
export function endThoughCallsHang(): void {
  setTimeout(() => {
    // Without its listeners the signal ends a process at once, and whoever supervises it takes that for in order.
    process.removeAllListeners('SIGTERM');
    process.kill(process.pid, 'SIGTERM');
  }, LINGERS_MS).unref();
}

/** Ends the process with a code. File calls that are under way are waited for; one that does not return has it ended by force. */
export async function exitThoughCallsHang(code: number): Promise<never> {
  const until = performance.now() + LINGERS_MS;
  while (fileCallsAreOut() && performance.now() < until) await sleep(LOOKS_EVERY_MS);
  return exitAtOnce(code);
}

/** Ends the process with a code, or by force where a file call is under way: `process.exit` would wait for its thread. */
export function exitAtOnce(code: number): never {
  if (fileCallsAreOut()) process.kill(process.pid, 'SIGKILL');
  process.exit(code);
}

function fileCallsAreOut(): boolean {
  return process.getActiveResourcesInfo().some((resource) => /^(FSReq|CloseReq)/.test(resource));
}
