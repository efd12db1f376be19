import { it } from 'vitest';
import { lockStore } from '../../client-sdk/platform/node/lock-file.ts';
import { expectOneHolder } from '../support/lock-race.ts';

it('invariant 1: of many processes that race for a stale lock, one at a time holds the store', async () => {
  const dir = await expectOneHolder('tests/integration/client-lock-child.ts', 6);
  // All have died with it or without it: it can be had.
  lockStore(dir).release();
});
