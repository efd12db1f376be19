import { createClosers } from '../compose/closers.ts';
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
try {
  const options = readArguments(process.argv.slice(2));
  if (options === undefined) process.stdout.write(USAGE);
  else if (!(await runImport(options, loadConfig(), logger, closers, process.stdout, controller.signal)))
    process.exitCode = INTERRUPTED;
} catch (error) {
  const hint = isHaloError(error) && error.hint !== undefined ? ` ${error.hint}` : '';
  const code = isHaloError(error) ? ` [${error.code}]` : '';
  process.stderr.write(`Nothing more is imported: ${messageOf(error)}${hint}${code}\n`);
  process.exitCode = 1;
} finally {
  await closers.closeAll();
  // Only the listeners for signals would keep the process.
  process.exit();
}
