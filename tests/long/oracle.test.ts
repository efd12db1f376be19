import { expect, it } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { runOracle } from '../oracle/oracle.ts';

const MINUTES = 1;

it('invariants 3, 4, 5 and 6: 200 shapes equal their queries, through kills, torn logs and cut connections', async () => {
  const database = await useTestDatabase();
  const seed = Date.now() >>> 0;
  process.stderr.write(`seed ${seed}; again by: npm run oracle -- --minutes ${MINUTES} --seed ${seed}\n`);
  const report = await runOracle({ databaseUrl: database.url, seed, minutes: MINUTES, say: () => {} });
  process.stderr.write(`${JSON.stringify(report)}\n`);
  expect(report.batches).toBeGreaterThan(0);
}, 600_000);
