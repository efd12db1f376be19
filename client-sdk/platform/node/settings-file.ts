import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HaloClientError } from '../../errors.ts';
import type { SettingsStore } from '../device-store.ts';
import { storeFailure } from '../../outbox/store-failure.ts';
import { replaceFile } from './durable-files.ts';

/**
 * Settings in one JSON file that only its owner may read. Each change replaces the file as a whole; changes
 * wait for one another.
 */
export function settingsFile(file: string): SettingsStore {
  let values: Map<string, string> | undefined;
  let writing: Promise<void> = Promise.resolve();

  const load = () => (values ??= readSettings(file));
  const change = (alter: (values: Map<string, string>) => void): Promise<void> => {
    const replace = async () => {
      const next = new Map(load());
      alter(next);
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const handle = await replaceFile(file, [JSON.stringify(Object.fromEntries(next), null, 2)], 'a+');
      await handle.close();
      values = next;
    };
    const done = writing.then(replace).catch((error: unknown) => Promise.reject(storeFailure(error)));
    // The caller hears of a failure through `done`; the next change must still have its turn.
    writing = done.catch(() => {});
    return done;
  };
  return {
    async get(key) {
      await writing;
      return load().get(key);
    },
    set: (key, value) => change((next) => void next.set(key, value)),
    delete: (key) => change((next) => void next.delete(key)),
  };
}

function readSettings(file: string): Map<string, string> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
  try {
    return new Map(Object.entries(JSON.parse(text) as Record<string, string>));
  } catch (cause) {
    // It is only ever replaced as a whole: something else has written it, and device ids must not be guessed.
    throw new HaloClientError('store_damaged', `The settings ${file} are not JSON.`, { cause });
  }
}
