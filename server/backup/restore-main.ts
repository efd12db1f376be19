import { readRestoreArguments, RESTORE_USAGE } from './arguments.ts';
import { runRestore } from './restore.ts';
import { runCommand } from '../compose/run-command.ts';

/** What `npm run restore` runs. */
await runCommand(async (parts) => {
  const asked = readRestoreArguments(process.argv.slice(2));
  if (asked === undefined) parts.say(RESTORE_USAGE);
  else await runRestore(asked, parts);
});
