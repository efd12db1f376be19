import { BACKUP_USAGE, readBackupArguments } from './arguments.ts';
import { runBackup } from './backup.ts';
import { runCommand } from '../compose/run-command.ts';

/** What `npm run backup` runs. */
await runCommand(async (parts) => {
  const asked = readBackupArguments(process.argv.slice(2));
  if (asked === undefined) parts.say(BACKUP_USAGE);
  else await runBackup(asked, parts);
});
