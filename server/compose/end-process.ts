/** Long enough for what was left in order; whoever stops the process waits for a minute. */
const LINGERS_MS = 2_000;

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

/** Ends the process with a code; where it failed and a file call has not returned, by force, since `process.exit` waits for its thread. */
export function exitThoughCallsHang(code: number): never {
  const calls = process.getActiveResourcesInfo().filter((resource) => resource.startsWith('FSReq'));
  if (code !== 0 && calls.length > 0) process.kill(process.pid, 'SIGKILL');
  process.exit(code);
}
