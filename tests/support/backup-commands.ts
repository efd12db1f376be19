import pg from 'pg';
import { readBackupArguments, readRestoreArguments } from '../../server/backup/arguments.ts';
import { runBackup } from '../../server/backup/backup.ts';
import { runRestore } from '../../server/backup/restore.ts';
import type { CommandParts } from '../../server/compose/run-command.ts';
import { createClosers } from '../../server/compose/closers.ts';
import { loadConfig } from '../../server/config/config.ts';
import { createLogger } from '../../server/platform/logger.ts';

const log = createLogger('silent');

/** `npm run backup` and `npm run restore` with these variables; each resolves with what it has said. */
export function command(env: NodeJS.ProcessEnv) {
  const said: string[] = [];
  const closers = createClosers(log);
  const config = loadConfig({ HALO_BACKUP_METHOD: 'copy', ...env });
  const parts: CommandParts = {
    ...{ config, logger: log, closers, signal: new AbortController().signal },
    say: (text) => void said.push(text),
  };
  const backup = async (...args: string[]) => {
    await runBackup(readBackupArguments(args)!, parts).finally(() => closers.closeAll());
    return said.splice(0).join('\n');
  };
  const restore = async (...args: string[]) => {
    await runRestore(readRestoreArguments(args)!, parts).finally(() => closers.closeAll());
    return said.splice(0).join('\n');
  };
  return { config, backup, restore };
}

/** Asks a database one thing, on a connection of its own. */
export async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
