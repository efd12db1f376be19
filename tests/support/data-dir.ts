import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes an empty data directory that Postgres's system user may enter. */
export function makeDataDir(prefix: string): string {
  const dataDir = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(dataDir, 0o755);
  return dataDir;
}

/** Removes a data directory whose Halo has stopped, with the cluster that it may point to elsewhere. */
export function removeDataDir(dataDir: string): void {
  const pointer = join(dataDir, 'postgres-location');
  if (existsSync(pointer)) {
    const cluster = readFileSync(pointer, 'utf8').trim();
    for (const part of ['', '.password', '.port'])
      rmSync(`${cluster}${part}`, { recursive: true, force: true });
  }
  rmSync(dataDir, { recursive: true, force: true });
}
