import { it } from 'vitest';
import { lockDataDir } from '../../server/db/data-dir-lock.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { expectOneHolder } from '../support/lock-race.ts';

it('of many processes that race for a stale lock, one at a time holds the data directory', async () => {
  const dir = await expectOneHolder('tests/integration/data-dir-lock-child.ts', 8);
  // All have died with it or without it: it can be had.
  lockDataDir(dir, createLogger('silent')).release();
});
