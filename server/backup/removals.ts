import { lastTold } from '../auth/removal.ts';
import type { Removal } from '../auth/removal.ts';
import { repeatRemovals } from '../auth/repeat-removals.ts';
import type { Repeated } from '../auth/repeat-removals.ts';
import type { CommandParts } from '../compose/run-command.ts';
import { createPool } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Card, Header } from '../operations/backups/backup.ts';
import { MARGIN_MS, readRemovals } from '../operations/backups/removals/read-removals.ts';
import { knowsRemovals, rowsSince } from '../operations/backups/removals/removal-store.ts';
import { inSession } from '../operations/backups/session.ts';
import { houseOf } from '../operations/backups/snapshot.ts';
import type { BackupStore } from '../operations/backups/store.ts';
import { messageOf } from '../platform/errors.ts';
import { systemClock } from '../platform/clock.ts';

/** The migration from which on removals are written down. */
const FIRST_WITH_BOOKS = '0039_';

/** Reads what was done to accounts since a backup, in each place that may have books of its house. Fails as `readRemovals`. */
export async function removalsSince(
  places: readonly BackupStore[],
  { house, takenAt, migrations }: Header,
  { encrypted }: Card,
  { config, say }: CommandParts,
): Promise<readonly Removal[]> {
  if (house === null) {
    say('It is from before there were books of removals: who was forgotten or disabled since is so no more.');
    return [];
  }
  const found = new Map<string, Removal>();
  for (const place of places) {
    const { removals } = await readRemovals(place, { house, takenAt, encrypted }, config.backups.key);
    for (const removal of removals) found.set(removal.id, removal);
  }
  if (!migrations.some((name) => name.startsWith(FIRST_WITH_BOOKS)))
    say(
      'It is of a version that wrote no books: who was forgotten, disabled or demoted between it and the upgrade is so no more.',
    );
  say(`Books of removals tell of ${found.size} that were made around then or since.`);
  return [...found.values()];
}

/**
 * What the database that is set aside knows besides: what was done in the last minute, and is in no book. Where it cannot be asked, the
 * books have to do.
 */
export async function removalsOfFormer(
  url: string,
  { house, takenAt }: Header,
  { signal, say }: CommandParts,
): Promise<readonly Removal[]> {
  try {
    return await inSession(url, signal, async (client) => {
      if (house === null || (await houseOf(client)) !== house || !(await knowsRemovals(client))) return [];
      return rowsSince(client, new Date(takenAt.getTime() - MARGIN_MS));
    });
  } catch (error) {
    signal.throwIfAborted();
    say(`The former database does not tell of removals of the last minute: ${messageOf(error)}`);
    return [];
  }
}

/** Does again in a restored database what was done to accounts since, and says how much it was. */
export async function repeatIn(
  url: string,
  removals: readonly Removal[],
  { logger, say }: CommandParts,
): Promise<void> {
  const pool = createPool(url, 1, logger);
  try {
    say(
      sentenceOf(
        await inTransaction(pool, (tx) => repeatRemovals(tx, lastTold(removals), systemClock.now())),
      ),
    );
  } finally {
    await pool.end();
  }
}

function sentenceOf({ forgotten, disabled, enabled, roles, operators }: Repeated): string {
  const did = `Of accounts in it, ${forgotten} will be forgotten at the start, ${disabled} were disabled, ${enabled} enabled, ${roles} given another role.`;
  // Whoever took the role away is newer than the backup.
  return operators > 0
    ? did
    : `${did} No operator is left in it who can log in: make one by UPDATE users SET role = 'operator', disabled_at = NULL WHERE email = '…'.`;
}
