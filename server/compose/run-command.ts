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
  /** Read when it is first asked for: help and faults of arguments are told whatever is set. Fails with `config_invalid`. */
  readonly config: Config;
  readonly logger: Logger;
  readonly closers: Closers;
  readonly signal: AbortSignal;
  /** Says something to whoever gave the command. */
  say(text: string): void;
}

/** How a command ended that did not fail; `interrupted`: before its end, as it has said itself, and in order. */
export type CommandEnd = 'done' | 'interrupted';

/** Words of a command's own. */
export interface CommandWords {
  /** What a signal leads to. */
  readonly ending: string;
  /** What stands before the reason why it failed. */
  readonly failed: string;
}

/** As shells have it of what SIGINT has ended. */
const INTERRUPTED = 130;
const USUAL_WORDS: CommandWords = { ending: 'ending …', failed: '' };

/**
 * Runs a command of this process and ends it: 0 done, 1 failed, saying why in a sentence, 130 where the work says that it was interrupted.
 * A signal interrupts the work, and so does a fault that nobody caught.
 */
export async function runCommand(
  work: (parts: CommandParts) => Promise<void> | Promise<CommandEnd>,
  words: CommandWords = USUAL_WORDS,
): Promise<never> {
  const controller = new AbortController();
  void stopSignal().then((signal) => {
    process.stderr.write(`\n${signal}: ${words.ending}\n`);
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
  let config: Config | undefined;
  const parts: CommandParts = {
    ...{ logger, closers, signal: controller.signal, say },
    get config() {
      return (config ??= loadConfig());
    },
  };
  const running = attempt(async () => work(parts), words, closers, faults);
  const exitCode = await running;
  // Only the listeners for signals would keep the process.
  return exitThoughCallsHang(faults.begun() ? 1 : exitCode);
}

/** Its exit code, when all is closed. */
async function attempt(
  work: () => Promise<void | CommandEnd>,
  { failed }: CommandWords,
  closers: Closers,
  faults: FaultWatch,
): Promise<number> {
  try {
    return (await work()) === 'interrupted' ? INTERRUPTED : 0;
  } catch (error) {
    // What a fault has led to says less than the fault, which has been told.
    if (faults.begun()) return 1;
    const hint = isHaloError(error) && error.hint !== undefined ? ` ${error.hint}` : '';
    const code = isHaloError(error) ? ` [${error.code}]` : '';
    process.stderr.write(`${failed}${messageOf(error)}${hint}${code}\n`);
    return 1;
  } finally {
    await closers.closeAll();
  }
}
