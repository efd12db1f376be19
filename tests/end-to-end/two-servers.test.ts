import { expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { RawDevice } from '../support/mutations-client.ts';
import { accessToken, registerAccount, startServerProcess, stopServerProcess } from '../support/server.ts';

const SPOT = { lat: 59.33, lon: 18.06 };

it('invariant 2: fifty identical requests to two server processes are one effect and one answer', async () => {
  const database = await useTestDatabase();
  const servers = [await startServerProcess(database.url), await startServerProcess(database.url)];
  onTestFinished(async () => {
    for (const server of servers) await stopServerProcess(server);
  });
  const [first, second] = servers.map(({ url }) => url) as [string, string];
  const device = new RawDevice(await accessToken(first, await registerAccount(first, 'kim')));
  for (let round = 0; round < 3; round += 1) {
    const batch = [device.report(`round ${round}`, SPOT), device.report(`round ${round} again`, SPOT)];
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => device.post(n % 2 === 0 ? first : second, batch)),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const told = answers.map(({ body }) => body.results.map(({ replayed: _, ...answer }) => answer));
    expect(new Set(told.map((results) => JSON.stringify(results))).size).toBe(1);
    expect(answers.filter(({ body }) => body.results.some(({ replayed }) => !replayed))).toHaveLength(1);
  }
  const { rows } = await database.pool.query(
    `SELECT (SELECT count(*)::int FROM reports) AS reports, (SELECT count(*)::int FROM ledger) AS settled,
            (SELECT sum(report_count)::int FROM incidents) AS in_incidents`,
  );
  expect(rows).toEqual([{ reports: 6, settled: 6, in_incidents: 6 }]);
});
