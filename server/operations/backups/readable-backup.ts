import type pg from 'pg';
import { HaloError } from '../../platform/errors.ts';
import type { Manifest } from './backup.ts';
import { unsealed } from './seal.ts';
import { openFile } from './shelf.ts';
import type { ShelvedBackup } from './shelf.ts';
import { countRows } from './snapshot.ts';
import type { BackupStore } from './store.ts';

/** A backup, to be read as often as is needed: its bytes, neither compressed nor sealed. */
export interface ReadableBackup {
  /** For people and for the record. */
  readonly name: string;
  open(): Promise<AsyncIterable<Buffer>>;
}

/** A backup that lies in a store. */
export function readable(
  store: BackupStore,
  { card, cardName }: ShelvedBackup,
  key: string | undefined,
): ReadableBackup {
  return {
    name: cardName.slice(0, -'.json'.length),
    open: async () => unsealed(await openFile(store, card), card.encrypted, key),
  };
}

/** Fails with `backup_rows_differ` where tables have not as many rows as the backup says. */
export async function compareRows(client: pg.Client, { rows }: Manifest): Promise<void> {
  const found = await countRows(client, Object.keys(rows));
  const wrong = Object.keys(rows).filter((name) => rows[name] !== found[name]);
  if (wrong.length === 0) return;
  throw new HaloError(
    'backup_rows_differ',
    `Not as many rows came back as the backup holds, in ${wrong.slice(0, 5).join(', ')}.`,
  );
}
