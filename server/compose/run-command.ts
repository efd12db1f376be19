import { createClosers } from './closers.ts';
import type { Closers } from './closers.ts';
import { endOnFault } from './end-on-fault.ts';
import type { FaultWatch } from './end-on-fault.ts';
import { exitThoughCallsHang } from './end-process.ts';
import { stopSignal } from './process.ts';
import { loadConfig } from '../config/config.ts';
import type { Config } from '../config/config.ts';
import { isHaloError, messageOf } from '../platform/errors.ts';
import { createLogger } from '../platform/logger.ts';
import type { Logger } from '../platform/logger.ts';

/** What a command works with. */
export interface CommandParts {
  readonly config: Config;
  readonly logger: Logger;
  readonly closers: Closers;
  readonly signal: AbortSignal;
  /** Says something to whoever gave the command. */
  say(text: string): void;
}

/**
 * Runs a command of this process and ends it: 0 done, 1 failed, saying why in a sentence. A signal interrupts the work, and so does a
 * fault that nobody caught.
 */
export async function runCommand(work: (parts: CommandParts) => Promise<void>): Promise<never> {
  const controller = new AbortController();
  void stopSignal().then((signal) => {
    process.stderr.write(`\n${signal}: ending …\n`);
    controller.abort(new Error('It was interrupted.'));
  });
  const logger = createLogger('warn');
  const closers = createClosers(logger);
  const say = (text: string) => void process.stdout.write(`${text}\n`);
  const faults = endOnFault({
    logger: () => logger,
    end(fault) {
      controller.abort(fault);
      return running;
    },
    closers: () => closers,
  });
  const running = attempt(
    async () => work({ config: loadConfig(), logger, closers, signal: controller.signal, say }),
    closers,
    faults,
  );
  const exitCode = await running;
  // Only the listeners for signals would keep the process.
  return exitThoughCallsHang(faults.begun() ? 1 : exitCode);
}

/** Its exit code, when all is closed. */
async function attempt(work: () => Promise<void>, closers: Closers, faults: FaultWatch): Promise<number> {
  try {
    await work();
    return 0;
  } catch (error) {
    // What a fault has led to says less than the fault, which has been told.
    if (faults.begun()) return 1;
    const hint = isHaloError(error) && error.hint !== undefined ? ` ${error.hint}` : '';
    const code = isHaloError(error) ? ` [${error.code}]` : '';
    process.stderr.write(`${messageOf(error)}${hint}${code}\n`);
    return 1;
  } finally {
    await closers.closeAll();
  }
}
