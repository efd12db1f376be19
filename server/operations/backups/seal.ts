import type { Transform } from 'node:stream';
import { Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { HaloError, messageOf } from '../../platform/errors.ts';
import { damaged } from './tar.ts';

/** Most of what the slowest level saves, in half of its time: the nights are long, the cores are few. */
const GZIP_LEVEL = 4;

/**
 * Compresses, and encrypts for `key` where one is given (an age identity: whoever has it can read). Of several keys, with white space
 * between them, the first is meant.
 */
export async function sealed(plain: AsyncIterable<Buffer>, key: string | undefined): Promise<Readable> {
  // A key that is none is known before anything is read.
  const recipient = key === undefined ? undefined : await identityToRecipient(keysOf(key)[0]!);
  const packed = piped(Readable.from(plain, { objectMode: false }), createGzip({ level: GZIP_LEVEL }));
  if (recipient === undefined) return packed;
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return fromWeb(await encrypter.encrypt(toWeb(packed)));
}

/**
 * The reverse, by whichever key it was sealed for. Fails with `backup_key_missing` or `backup_key_wrong`, and while it is read with `backup_damaged`.
 */
export async function unsealed(
  stored: Readable,
  encrypted: boolean,
  key: string | undefined,
): Promise<AsyncIterable<Buffer>> {
  const packed = encrypted ? await decrypted(stored, key) : stored;
  return foretold(piped(packed, createGunzip()));
}

function keysOf(key: string): string[] {
  return key.split(/\s+/);
}

/** A new identity of age, to be kept where backups are not. */
export function newKey(): Promise<string> {
  return generateX25519Identity();
}

async function decrypted(stored: Readable, key: string | undefined): Promise<Readable> {
  if (key === undefined)
    throw new HaloError('backup_key_missing', 'The backup is encrypted, and there is no key.', {
      field: 'HALO_BACKUP_KEY',
      hint: 'Set HALO_BACKUP_KEY to the key that was set when it was taken.',
    });
  const decrypter = new Decrypter();
  for (const one of keysOf(key)) decrypter.addIdentity(one);
  try {
    return fromWeb(await decrypter.decrypt(toWeb(stored)));
  } catch (cause) {
    stored.destroy();
    throw new HaloError(
      'backup_key_wrong',
      'The backup was encrypted for another key, or is no file of age.',
      {
        field: 'HALO_BACKUP_KEY',
        hint: 'Set HALO_BACKUP_KEY to the key that was set when it was taken.',
        cause,
      },
    );
  }
}

/** What breaks while it is unpacked was not what was written. Errors of where it lies stay what they are. */
async function* foretold(bytes: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of bytes) yield chunk as Buffer;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const isOfItself = code.startsWith('Z_') || code === '' || code === 'ERR_INVALID_STATE';
    if (isOfItself && !(error instanceof HaloError)) throw damaged(messageOf(error));
    throw error;
  }
}

/** As `pipe`, but whichever of both fails or is given up ends the other. */
function piped(source: Readable, through: Transform): Readable {
  source.on('error', (error) => through.destroy(error));
  through.on('close', () => source.destroy());
  return source.pipe(through);
}

function toWeb(stream: Readable): ReadableStream<Uint8Array> {
  return Readable.toWeb(stream);
}

function fromWeb(stream: ReadableStream<Uint8Array>): Readable {
  return Readable.fromWeb(stream);
}
