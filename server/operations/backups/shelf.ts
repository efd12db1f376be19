import { Readable } from 'node:stream';
import { HaloError, isHaloError } from '../../platform/errors.ts';
import { cardSchema, isCardName } from './backup.ts';
import type { Card } from './backup.ts';
import { createMeter } from './meter.ts';
import { damaged } from './tar.ts';
import type { BackupStore } from './store.ts';

/** Cards are a few hundred bytes. */
const MAX_CARD_BYTES = 64 * 1024;
/** Backups that are looked through: decades of nights. */
const MAX_CARDS = 10_000;
const READ_AT_ONCE = 8;

/** A backup that lies in a store, with the name of its card. */
export interface ShelvedBackup {
  readonly cardName: string;
  readonly card: Card;
}

/** Backups that are whole, the newest first: those whose card can be read and whose file is there with its length. */
export async function listBackups(store: BackupStore): Promise<ShelvedBackup[]> {
  const files = new Map((await store.list()).map(({ name, bytes }) => [name, bytes]));
  const names = [...files.keys()].filter(isCardName).toSorted().toReversed().slice(0, MAX_CARDS);
  const found: ShelvedBackup[] = [];
  for (let at = 0; at < names.length; at += READ_AT_ONCE) {
    const some = names.slice(at, at + READ_AT_ONCE).map(async (cardName) => {
      const card = await readCard(store, cardName);
      return card === undefined || files.get(card.file) !== card.bytes ? undefined : { cardName, card };
    });
    found.push(...(await Promise.all(some)).filter((one) => one !== undefined));
  }
  return found.toSorted((a, b) => b.card.takenAt.getTime() - a.card.takenAt.getTime());
}

/** Puts a card beside the file that it describes. */
export async function writeCard(
  store: BackupStore,
  cardName: string,
  card: Card,
  signal: AbortSignal,
): Promise<void> {
  const bytes = Buffer.from(`${JSON.stringify(card, undefined, 1)}\n`);
  await store.write(cardName, Readable.from([bytes], { objectMode: false }), signal);
}

/** The backup that is meant by a name: that of its card, of its file, or what both begin with. */
export function findBackup(backups: readonly ShelvedBackup[], name: string): ShelvedBackup {
  const found = backups.filter(
    ({ cardName, card }) => name === cardName || name === card.file || cardName === `${name}.json`,
  );
  if (found[0] !== undefined) return found[0];
  throw new HaloError('backup_missing', `There is no whole backup ${name}.`, {
    hint: 'npm run backup -- --list shows those that are there.',
  });
}

/** Removes a backup: the card first, so that what is left by a crash is no backup any more. */
export async function removeBackup(store: BackupStore, { cardName, card }: ShelvedBackup): Promise<void> {
  await store.remove(cardName);
  await store.remove(card.file);
}

/** What is no card of ours is left alone, and what was removed since it was listed is none. */
async function readCard(store: BackupStore, name: string): Promise<Card | undefined> {
  const pieces: Buffer[] = [];
  let length = 0;
  const stream = await store.read(name).catch((error: unknown) => {
    // Another instance keeps to the policy at the same time.
    if (isHaloError(error, 'backup_missing')) return undefined;
    throw error;
  });
  if (stream === undefined) return undefined;
  for await (const piece of stream) {
    pieces.push(piece as Buffer);
    length += (piece as Buffer).length;
    if (length > MAX_CARD_BYTES) {
      stream.destroy();
      return undefined;
    }
  }
  try {
    const parsed = cardSchema.safeParse(JSON.parse(Buffer.concat(pieces).toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** A stored file, compared with its card while it is read. Fails with `backup_damaged` at its end. */
export async function openFile(store: BackupStore, card: Card): Promise<Readable> {
  const stored = await store.read(card.file);
  const { meter, measured } = createMeter();
  stored.on('error', (error) => meter.destroy(error));
  meter.on('close', () => stored.destroy());
  return Readable.from(
    (async function* () {
      for await (const chunk of stored.pipe(meter)) yield chunk as Buffer;
      const { bytes, sha256 } = measured();
      if (bytes !== card.bytes || sha256 !== card.sha256) throw damaged('its file is not what was written');
    })(),
    { objectMode: false },
  );
}
