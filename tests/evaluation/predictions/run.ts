import { tellFaults } from '../../support/tell-faults.ts';
import { readArguments, USAGE } from './arguments.ts';
import { evaluatePredictions } from './evaluate-predictions.ts';

// What `npm run evaluate:predictions` runs: how well incidents are forecast, over weekly origins. Exit codes: 0 done, also where some
// series could not be tested; 1 failed, or none could.

/** Codes of what reading shares with the import, whose hints tell of an import. */
const HINTS_OF_IMPORT = new Set(['import_usage', 'import_file_damaged', 'import_quote_open']);

await tellFaults(
  async () => {
    const options = readArguments(process.argv.slice(2));
    if (options === undefined) return void process.stdout.write(USAGE);
    const tested = await evaluatePredictions(options, {
      print: (line) => void process.stdout.write(`${line}\n`),
      log: (line) => void process.stderr.write(`${line}\n`),
      now: () => new Date(),
    });
    if (tested > 0) return;
    process.stderr.write('None of these series could be tested.\n');
    process.exitCode = 1;
  },
  ({ code }) => !HINTS_OF_IMPORT.has(code),
);
