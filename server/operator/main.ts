import { runCommand } from '../compose/run-command.ts';
import { readArguments, USAGE } from './arguments.ts';
import { runReset } from './reset.ts';

/** What `npm run operator` runs. */
await runCommand(async (parts) => {
  const asked = readArguments(process.argv.slice(2));
  if (asked === undefined) parts.say(USAGE);
  else await runReset(asked.reset, parts);
});
