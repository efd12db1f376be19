import { lockStore } from '../../client-sdk/platform/node/lock-file.ts';
import { contend, unlessHeld } from '../support/lock-race-child.ts';

contend({
  file: 'lock',
  stale: (token) => ({ pid: process.pid, start: 'long ago', token }),
  take: (dir) => unlessHeld('store_in_use', () => lockStore(dir)),
  maxHoldMs: 0,
});
