import { lockDataDir } from '../../server/db/data-dir-lock.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { contend, unlessHeld } from '../support/lock-race-child.ts';

const log = createLogger('silent');

contend({
  file: 'halo.lock',
  stale: (token) => ({ pid: process.pid, started: 'long ago', token }),
  take: (dir) => unlessHeld('data_dir_in_use', () => lockDataDir(dir, log)),
  maxHoldMs: 4,
});
