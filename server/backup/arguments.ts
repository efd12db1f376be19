import { parseArgs } from 'node:util';
import { HaloError, sentenceOf } from '../platform/errors.ts';

export const BACKUP_USAGE = `Usage: npm run backup [-- options]

Takes a backup of one moment of the whole database, while servers run, into HALO_BACKUP_DIR or HALO_BACKUP_S3, and removes
what the policy does not keep (7 daily, 4 weekly, 12 monthly).

  --to DIR       into this directory instead; nothing is removed there
  --list         shows the backups that are there, and takes none
  --verify       restores the newest one into a database of its own, counts and asks it, and drops it again
  --new-key      prints a new key for HALO_BACKUP_KEY, and does nothing else

A database is found as by npm start: DATABASE_URL, or the one in HALO_DATA_DIR, whether or not a server runs there.
`;

export const RESTORE_USAGE = `Usage: npm run restore -- --latest | --from NAME [options]

Puts a backup into an empty database. The whole backup is read and compared before anything is touched. Who was forgotten or
disabled since, or got another role, is so again, by the books of removals that lie beside the backups.

  --latest             the newest backup in HALO_BACKUP_DIR or HALO_BACKUP_S3
  --from NAME          that one; or a file, with its .json beside it
  --to URL             into this database, instead of that of DATABASE_URL or HALO_DATA_DIR
  --set-former-aside   where the database is not empty: keeps it under another name, and puts the restored one in its place
  --end-sessions       everybody has to log in again: what was revoked after the backup is valid again otherwise
  --as-copy            another house from now on, with backups of its own: for a copy to try things on beside the first
  --without-removals   brings back who was forgotten or disabled since, and roles as they were: where the books of that cannot be read
  --check              reads and compares the backup, and restores nothing

Stop every Halo on that database first. docs/backups.md goes through it step by step.
`;

/** What `npm run backup` was asked for. */
export interface BackupArguments {
  readonly to: string | undefined;
  readonly do: 'take' | 'list' | 'verify' | 'new-key';
}

/** What `npm run restore` was asked for. */
export interface RestoreArguments {
  /** Undefined: the newest. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly setFormerAside: boolean;
  readonly endSessions: boolean;
  /** Of another house than the backup. */
  readonly asCopy: boolean;
  /** What was done to accounts since is not done again. */
  readonly withoutRemovals: boolean;
  readonly checkOnly: boolean;
}

/** Reads the arguments of a backup; undefined where help is asked for. Fails with `backup_usage`. */
export function readBackupArguments(args: readonly string[]): BackupArguments | undefined {
  const options = {
    to: { type: 'string' },
    list: { type: 'boolean' },
    verify: { type: 'boolean' },
    'new-key': { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  const values = usage('backup', () => parseArgs({ args: [...args], options })).values;
  if (values.help === true) return undefined;
  const asked = (['list', 'verify', 'new-key'] as const).filter((name) => values[name] === true);
  if (asked.length > 1) throw wrong('backup', 'One of --list, --verify and --new-key at a time.');
  return { to: values.to, do: asked[0] ?? 'take' };
}

/** Reads the arguments of a restore; undefined where help is asked for. Fails with `backup_usage`. */
export function readRestoreArguments(args: readonly string[]): RestoreArguments | undefined {
  const options = {
    latest: { type: 'boolean' },
    from: { type: 'string' },
    to: { type: 'string' },
    'set-former-aside': { type: 'boolean' },
    'end-sessions': { type: 'boolean' },
    'as-copy': { type: 'boolean' },
    'without-removals': { type: 'boolean' },
    check: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  const values = usage('restore', () => parseArgs({ args: [...args], options })).values;
  if (values.help === true) return undefined;
  if ((values.latest === true) === (values.from !== undefined))
    throw wrong('restore', 'Say which backup: --latest, or --from NAME.');
  if (values.to !== undefined && !/^postgres(ql)?:\/\//.test(values.to))
    throw wrong('restore', '--to must begin with postgres:// or postgresql://.');
  if (values.to !== undefined && !URL.canParse(values.to))
    throw wrong(
      'restore',
      '--to is no URL that can be read: it needs a host, and in a password # is written as %23, / as %2F.',
    );
  return {
    from: values.from,
    to: values.to,
    setFormerAside: values['set-former-aside'] === true,
    endSessions: values['end-sessions'] === true,
    asCopy: values['as-copy'] === true,
    withoutRemovals: values['without-removals'] === true,
    checkOnly: values.check === true,
  };
}

function usage<T>(command: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw wrong(command, sentenceOf(error));
  }
}

function wrong(command: string, message: string): HaloError {
  return new HaloError('backup_usage', message, { hint: `npm run ${command} -- --help says more.` });
}
