import { createClosers } from '../compose/closers.ts';
import { endOnFault } from '../compose/end-on-fault.ts';
import { stopSignal } from '../compose/process.ts';
import { loadConfig } from '../config/config.ts';
import { isHaloError, messageOf } from '../platform/errors.ts';
import { createLogger } from '../platform/logger.ts';
import { readArguments, USAGE } from './arguments.ts';
import { runImport } from './run.ts';

/** Exit codes of what `npm run import` runs: 0 done, 1 failed, 130 interrupted. */
const INTERRUPTED = 130;

const controller = new AbortController();
void stopSignal().then((signal) => {
  process.stderr.write(`\n${signal}: ending after the rows under way …\n`);
  controller.abort(new Error('interrupted'));
});
const logger = createLogger('warn');
const closers = createClosers(logger);
const faults = endOnFault({
  logger: () => logger,
  end(fault) {
    controller.abort(fault);
    return running;
  },
  closers: () => closers,
});
const running = run();
const exitCode = await running;
// Only the listeners for signals would keep the process.
process.exit(faults.begun() ? 1 : exitCode);

/** Its exit code, when all is closed. */
async function run(): Promise<number> {
  try {
    const options = readArguments(process.argv.slice(2));
    if (options === undefined) process.stdout.write(USAGE);
    else if (!(await runImport(options, loadConfig(), logger, closers, process.stdout, controller.signal)))
      return INTERRUPTED;
    return 0;
  } catch (error) {
    // What a fault has led to says less than the fault, which has been told.
    if (faults.begun()) return 1;
    const hint = isHaloError(error) && error.hint !== undefined ? ` ${error.hint}` : '';
    const code = isHaloError(error) ? ` [${error.code}]` : '';
    process.stderr.write(`Nothing more is imported: ${messageOf(error)}${hint}${code}\n`);
    return 1;
  } finally {
    await closers.closeAll();
  }
}
