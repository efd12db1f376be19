import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MIGRATIONS_DIR } from '../../db/migration-files.ts';
import { migrate } from '../../db/migrate.ts';
import type { Logger } from '../../platform/logger.ts';

/** Brings an empty database to the schema that it had when just these migrations had been applied. */
export async function migrateTo(url: string, names: readonly string[], logger: Logger): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'halo-migrations-'));
  try {
    for (const name of names) await cp(join(MIGRATIONS_DIR, `${name}.sql`), join(dir, `${name}.sql`));
    await migrate(url, logger, { dir, ofRestore: true });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
