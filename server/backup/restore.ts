import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Removal } from '../auth/removal.ts';
import { openStore } from '../compose/backups.ts';
import { directoryStore } from '../operations/backups/directory-store.ts';
import { endSessions } from '../operations/backups/end-sessions.ts';
import { readable } from '../operations/backups/readable-backup.ts';
import type { ReadableBackup } from '../operations/backups/readable-backup.ts';
import { checkBackup, isEmpty, restoreBackup } from '../operations/backups/restore-backup.ts';
import type { CheckedBackup } from '../operations/backups/restore-backup.ts';
import { inSession } from '../operations/backups/session.ts';
import { moveOut } from '../operations/backups/move-out.ts';
import { makeWaiting, takePlace } from '../operations/backups/set-aside.ts';
import type { Former } from '../operations/backups/set-aside.ts';
import { findBackup, listBackups } from '../operations/backups/shelf.ts';
import type { ShelvedBackup } from '../operations/backups/shelf.ts';
import type { BackupStore } from '../operations/backups/store.ts';
import { systemClock } from '../platform/clock.ts';
import { HaloError } from '../platform/errors.ts';
import type { RestoreArguments } from './arguments.ts';
import { removalsOfFormer, removalsSince, repeatIn } from './removals.ts';
import { findDatabase } from '../compose/find-database.ts';
import type { CommandParts } from '../compose/run-command.ts';

/** The whole command `npm run restore`. Fails as its parts do; nothing is touched before the backup is known to be whole. */
export async function runRestore(asked: RestoreArguments, parts: CommandParts): Promise<void> {
  const { config, logger, closers, say } = parts;
  const { store, backup, places } = await chosen(asked, parts);
  const one = readable(store, backup, config.backups.key);
  say(`Reading ${one.name} …`);
  const checked = await checkBackup(one);
  const { header, manifest } = checked;
  const rows = Object.values(manifest.rows).reduce((sum, count) => sum + count, 0);
  say(`It is whole: ${rows} rows as of ${header.takenAt.toISOString()}, by Halo ${header.version}.`);
  if (asked.withoutRemovals)
    say(
      'As asked, who was forgotten or disabled since, or lost a role, is so no more. The books still tell of it: a later restore of a backup from before it does it again, unless it is given --without-removals as well.',
    );
  const removals = asked.withoutRemovals
    ? undefined
    : await removalsSince(places, header, backup.card, parts);
  if (asked.checkOnly) return;
  const url = asked.to ?? (await findDatabase(config, { alone: true }, logger, closers));
  const former = await place(url, asked, one, { ...checked, removals }, parts);
  if (former !== undefined) sayOfFormer(former, say);
  if (config.electric !== undefined)
    say(
      'ELECTRIC_URL is set: what answers there still has rows of before. docs/backups.md says how it forgets them.',
    );
  say(
    `Restored. What was settled after ${header.takenAt.toISOString()} is not in it; devices fetch their shapes again, once.`,
  );
}

/** Restores into the database itself where it is empty, else beside it; resolves with what became of the former one. */
async function place(
  url: string,
  { setFormerAside, endSessions: endsSessions, asCopy }: RestoreArguments,
  backup: ReadableBackup,
  checked: CheckedBackup & { readonly removals: readonly Removal[] | undefined },
  parts: CommandParts,
): Promise<Former | undefined> {
  const { logger, signal, say } = parts;
  const { header, removals } = checked;
  const aside = setFormerAside && !(await inSession(url, signal, isEmpty));
  say('Restoring …');
  const target = aside ? await makeWaiting(url, signal) : url;
  await restoreBackup(target, backup, checked, logger, signal, async () => {
    if (removals !== undefined) {
      // Not sooner: until `makeWaiting` somebody may have been connected to it, and have gone on.
      const besides = aside ? await removalsOfFormer(url, header, parts) : [];
      await repeatIn(target, [...removals, ...besides], parts);
    }
    if (endsSessions) await inSession(target, signal, endSessions);
    if (asCopy) await inSession(target, signal, moveOut);
  });
  return aside ? takePlace(url, systemClock.now(), signal) : undefined;
}

function sayOfFormer({ name, slots }: Former, say: (text: string) => void): void {
  say(`The former database is kept as ${name}: drop it once you are sure.`);
  for (const slot of slots)
    say(
      `The slot ${slot} of the former database holds WAL for as long as it is there. Stop whoever used it, and drop it: SELECT pg_drop_replication_slot('${slot}').`,
    );
}

/** A backup, where it lies, and where books of its house may lie. */
interface Chosen {
  readonly store: BackupStore;
  readonly backup: ShelvedBackup;
  readonly places: readonly BackupStore[];
}

async function chosen({ from }: RestoreArguments, { config }: CommandParts): Promise<Chosen> {
  const { place: configured } = config.backups;
  if (from !== undefined && (from.includes('/') || existsSync(from))) {
    const store = directoryStore(dirname(resolve(from)));
    const backup = findBackup(await listBackups(store), basename(from));
    // Whoever has moved the backups away may have had later books written to where they are kept now.
    const places = configured === undefined ? [store] : [store, await openStore(configured)];
    return { store, backup, places };
  }
  if (configured === undefined)
    throw new HaloError('backup_place_missing', 'It is not said where backups are kept.', {
      field: 'HALO_BACKUP_DIR',
      hint: 'Set HALO_BACKUP_DIR or HALO_BACKUP_S3, or give --from a file.',
    });
  const store = await openStore(configured);
  const backups = await listBackups(store);
  if (from !== undefined) return { store, backup: findBackup(backups, from), places: [store] };
  const [newest] = backups;
  if (newest === undefined)
    throw new HaloError('backup_missing', 'There is no whole backup.', {
      hint: 'npm run backup -- --list shows those that are there.',
    });
  if (new Set(backups.map(({ card }) => card.house)).size > 1)
    throw new HaloError('backups_of_several_houses', 'Backups of several houses lie here.', {
      hint: 'Name one by --from NAME; npm run backup -- --list shows them.',
    });
  return { store, backup: newest, places: [store] };
}
