import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { onTestFinished } from 'vitest';

/** A disk on which nothing more fits. */
export interface FullDisk {
  /** How many writes were refused. */
  refused(): number;
  /** What is written from now on fits again. */
  makeRoom(): void;
}

/**
 * Lets what this process appends to open files from now on fail as on a full disk: after `bytes` more, of which the
 * last part may be half of what was to be written. `anyFile` is a file that can be opened.
 */
export async function fillDisk(anyFile: string, bytes = 10): Promise<FullDisk> {
  const probe = await open(anyFile, 'r');
  const prototype = Object.getPrototypeOf(probe) as Pick<FileHandle, 'appendFile'>;
  await probe.close();
  const { appendFile } = prototype;
  let room = bytes;
  let refused = 0;
  prototype.appendFile = async function (this: FileHandle, data: string | Uint8Array) {
    const whole = Buffer.from(data as Uint8Array);
    const fits = whole.subarray(0, room);
    room -= fits.length;
    await appendFile.call(this, fits);
    if (fits.length === whole.length) return;
    refused += 1;
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  };
  const makeRoom = () => void (prototype.appendFile = appendFile);
  onTestFinished(makeRoom);
  return { refused: () => refused, makeRoom };
}
