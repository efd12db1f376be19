import { writeSync } from 'node:fs';
import { openHalo } from '@halo/client';
import type { Queued } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import { sampleReport } from '../integration/client-samples.ts';

/**
 * A device without a replica, to be killed: it queues mutations of all types, most of which build upon the one before, as fast
 * as it can, and says each, once that has resolved, as `kept <seq> <id> <type>`. A number says with which of them it begins, so
 * that those who live for a moment only come to all. Told `settle`, it reports nothing and ends when all is settled, saying
 * `settled`.
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
  const place = { name: 'Home', lat: 59.3, lon: 18.1, radiusM: 500, threshold: 0.5 };
  const turns: readonly ((report: string) => Promise<unknown>)[] = [
    // Nobody can be asked what the author saw.
    (report) => say('report.amend', halo.amendReport(report, { severity: 4 }, { version: 1 })),
    async (report) => {
      const comment = await say(
        'comment.create',
        halo.addComment({ reportId: report, body: 'It was green.' }),
      );
      await say('comment.delete', halo.deleteComment(comment));
    },
    (report) => say('incident.transition', halo.transitionIncident(report, 'closed', { from: 'open' })),
    async () => say('watch.remove', halo.removeWatch(await say('watch.set', halo.setWatch(place)))),
    (report) => say('report.withdraw', halo.withdrawReport(report)),
  ];
  const first = Number(what) % turns.length;
  for (;;) {
    const report = await say('report.create', halo.report(sampleReport('until it is killed')));
    for (const turn of [...turns.slice(first), ...turns.slice(0, first)]) await turn(report);
  }
}

async function say(type: string, queued: Promise<Queued>): Promise<string> {
  const { id, seq } = await queued;
  writeSync(1, `kept ${seq} ${id} ${type}\n`);
  return id;
}
