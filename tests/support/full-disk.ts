import fs from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
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
 * last part may be half of what was to be written. `anyFile` is a file that can be opened. With `taker` it is full only for as
 * long as there is something of that name.
 */
export async function fillDisk(anyFile: string, bytes = 10, taker = anyFile): Promise<FullDisk> {
  const probe = await open(anyFile, 'r');
  const prototype = Object.getPrototypeOf(probe) as Pick<FileHandle, 'appendFile'>;
  await probe.close();
  const { appendFile } = prototype;
  let room = bytes;
  let refused = 0;
  prototype.appendFile = async function (this: FileHandle, data: string | Uint8Array) {
    const whole = Buffer.from(data as Uint8Array);
    const fits = fs.existsSync(taker) ? whole.subarray(0, room) : whole;
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

/** A disk of which some writes are refused. */
export interface FailingDisk {
  /** Refuses what makes a file longer, or everything, or nothing any more; `times` at most. */
  refuse(what: 'growth' | 'everything' | 'nothing', times?: number): void;
  refused(): number;
}

/**
 * Lets writes of this process to the files under `dir` that it opens from now on fail as on a full disk, when asked to. It is
 * the way of PGlite, which writes synchronously and at a place.
 */
export function failingDiskUnder(dir: string): FailingDisk {
  const { openSync, writeSync } = fs;
  const files = new Set<number>();
  let refusing: 'growth' | 'everything' | 'nothing' = 'nothing';
  let left = Infinity;
  let refused = 0;
  fs.openSync = (...given: Parameters<typeof openSync>) => {
    const file = openSync(...given);
    if (String(given[0]).startsWith(dir)) files.add(file);
    else files.delete(file);
    return file;
  };
  const write = writeSync as (...given: unknown[]) => number;
  fs.writeSync = ((file: number, data: unknown, offset: number, length: number, position: number) => {
    const grows = () => (position ?? 0) + length > fs.fstatSync(file).size;
    const isRefused =
      left > 0 && files.has(file) && (refusing === 'everything' || (refusing === 'growth' && grows()));
    if (!isRefused) return write(file, data, offset, length, position);
    left -= 1;
    refused += 1;
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  }) as typeof writeSync;
  syncBuiltinESMExports();
  onTestFinished(() => {
    Object.assign(fs, { openSync, writeSync });
    syncBuiltinESMExports();
  });
  return {
    refuse(what, times = Infinity) {
      refusing = what;
      left = times;
    },
    refused: () => refused,
  };
}
