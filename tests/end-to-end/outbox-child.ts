import { writeSync } from 'node:fs';
import { openHalo } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import { sampleReport } from '../integration/client-samples.ts';

/**
 * A device without a replica, to be killed: it reports as fast as it can and says each report, once that has resolved,
 * as `kept <seq> <id>`. Told `settle`, it reports nothing and ends when all is settled, saying `settled`.
 */
const [url, dir, email, password, what] = process.argv.slice(2) as [string, string, string, string, string];
const halo = await openHalo({
  url,
  store: { ...nodeStore(dir), openReplica: () => Promise.reject(new Error('none in this test')) },
  auth: { email, password },
  shapes: [],
});
if (what === 'settle') {
  await halo.whenSettled();
  await halo.close();
  writeSync(1, 'settled\n');
} else {
  for (;;) {
    const { id, seq } = await halo.report(sampleReport('until it is killed'));
    writeSync(1, `kept ${seq} ${id}\n`);
  }
}
