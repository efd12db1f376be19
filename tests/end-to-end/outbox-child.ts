import { writeSync } from 'node:fs';
import { openHalo } from '@halo/client';
import type { Queued } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import { sampleReport } from '../integration/client-samples.ts';

/**
 * A device without a replica, to be killed: it queues mutations of all types, most of which build upon the one before, as fast
 * as it can, and says each, once that has resolved, as `kept <seq> <id> <type>`. Told `settle`, it reports nothing and ends when all is settled, saying `settled`.
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
    const report = await say('report.create', halo.report(sampleReport('until it is killed')));
    // Nobody can be asked what the author saw.
    await say('report.amend', halo.amendReport(report, { severity: 4 }, { version: 1 }));
    const comment = await say('comment.create', halo.addComment({ reportId: report, body: 'It was green.' }));
    await say('comment.delete', halo.deleteComment(comment));
    await say('incident.transition', halo.transitionIncident(report, 'closed', { from: 'open' }));
    const place = { name: 'Home', lat: 59.3, lon: 18.1, radiusM: 500, threshold: 0.5 };
    const watch = await say('watch.set', halo.setWatch(place));
    await say('watch.remove', halo.removeWatch(watch));
    await say('report.withdraw', halo.withdrawReport(report));
  }
}

async function say(type: string, queued: Promise<Queued>): Promise<string> {
  const { id, seq } = await queued;
  writeSync(1, `kept ${seq} ${id} ${type}\n`);
  return id;
}
