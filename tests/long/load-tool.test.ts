import { expect, it } from 'vitest';
import { startProcess } from '../support/process.ts';

it('a small load of simulated devices goes up, comes down, and loses no report', async () => {
  const args = ['--devices', '20', '--ramp', '10', '--minutes', '0.2'];
  const load = startProcess('tests/load/run.ts', args, {});
  // 0 where the ledger, the reports and what devices know are the same; how fast it was is not judged.
  expect([await load.exited, load.output()]).toEqual([
    0,
    expect.stringContaining('not sent: 0; in Postgres'),
  ]);
  expect(load.output()).toMatch(/^\| +devices \|(.+\|){13}\n\|[-: |]+\n\| 10 \|.*\n/m);
}, 180_000);

it('refuses options that make no sense, and says which there are', async () => {
  const load = startProcess('tests/load/run.ts', ['--devices', 'many'], {});
  expect(await load.exited).toBe(1);
  expect(load.output()).toContain('Usage: npm run load');
});
