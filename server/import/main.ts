import { runCommand } from '../compose/run-command.ts';
import { readArguments, USAGE } from './arguments.ts';
import { runImport } from './run.ts';

/** What `npm run import` runs. Exit codes: 0 done, 1 failed, 130 interrupted. */
await runCommand(
  async (parts) => {
    const options = readArguments(process.argv.slice(2));
    if (options === undefined) {
      process.stdout.write(USAGE);
      return 'done';
    }
    const { config, logger, closers, signal } = parts;
    const isWhole = await runImport(options, config, logger, closers, process.stdout, signal);
    return isWhole ? 'done' : 'interrupted';
  },
  { ending: 'ending after the rows under way …', failed: 'Nothing more is imported: ' },
);
