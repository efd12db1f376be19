import { createGazetteer } from '../../../server/areas/gazetteer.ts';
import { seedAreas } from '../../../server/areas/seed-areas.ts';
import { startCluster } from '../../../server/db/embedded/cluster.ts';
import { migrate } from '../../../server/db/migrate.ts';
import { createPool } from '../../../server/db/pool.ts';
import { createLogger } from '../../../server/platform/logger.ts';
import { makeDataDir, removeDataDir } from '../../support/data-dir.ts';
import { tellFaults } from '../../support/tell-faults.ts';
import { readArchive } from './archive.ts';
import type { Archive } from './archive.ts';
import { readOutcome, replay } from './replay.ts';

// What `npm run replay` runs: the whole archive of the police feed, through the comparison and the writing that the poller
// has, into a Postgres of its own; and whether what is there in the end is what the archive says.
const SHOWN_EVERY = 10_000;

const log = createLogger('warn');
await tellFaults(async () => {
  const archive = readArchive();
  const dataDir = makeDataDir('halo-replay-');
  try {
    const cluster = await startCluster({ dataDir, port: 'free', flags: { fsync: 'off' }, log });
    try {
      process.exitCode = (await run(cluster.url(), archive)) ? 0 : 1;
    } finally {
      await cluster.stop();
    }
  } finally {
    removeDataDir(dataDir);
  }
});

async function run(url: string, archive: Archive): Promise<boolean> {
  await migrate(url, log);
  const pool = createPool(url, 2, log);
  try {
    await seedAreas(pool, createGazetteer());
    const startedAt = performance.now();
    let shown = 0;
    await replay(pool, archive.steps, (done) => {
      if (done - shown < SHOWN_EVERY) return;
      shown = done;
      process.stdout.write(`${done} of ${archive.steps.length} steps\n`);
    });
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    const outcome = await readOutcome(pool);
    const facts = [
      ['events', archive.events, outcome.events],
      ['versions', archive.versions, outcome.versions],
      ['gone in the end', archive.gone.size, [...archive.gone].filter((id) => outcome.gone.has(id)).length],
      ['gone and should not be', 0, [...outcome.gone].filter((id) => !archive.gone.has(id)).length],
      ['event times over a day ahead', 0, outcome.aheadOfTheirTime],
    ] as const;
    process.stdout.write(
      `\n${archive.steps.length} steps in ${seconds} s; ${archive.unusable.length} events cannot be used\n`,
    );
    for (const [what, expected, found] of facts)
      process.stdout.write(
        `${what.padEnd(30)} ${found}${found === expected ? '' : ` INSTEAD OF ${expected}`}\n`,
      );
    process.stdout.write(
      `withdrawals ${archive.withdrawals}, reports ${outcome.reports}, incidents ${outcome.incidents}, ` +
        `${outcome.incidentsAreTheGroups ? 'which are the groups' : 'WHICH ARE NOT THE GROUPS'} of all reports at once\n`,
    );
    return outcome.incidentsAreTheGroups && facts.every(([, expected, found]) => expected === found);
  } finally {
    await pool.end();
  }
}
