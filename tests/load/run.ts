import { availableParallelism, loadavg } from 'node:os';
import { machine } from '../bench/measure.ts';
import { tellFaults } from '../support/tell-faults.ts';
import { Fleet } from './fleet.ts';
import { elsewhere, startHouse } from './house.ts';
import type { House } from './house.ts';
import { readOptions, stepsOf, USAGE } from './options.ts';
import type { LoadOptions } from './options.ts';
import { placesOf } from './places.ts';
import { brokenBy } from './step.ts';
import type { Step } from './step.ts';
import { tableOf } from './table.ts';
import { measureUsage } from './usage.ts';

// What `npm run load` runs: more and more simulated devices, until a limit is broken. This process is the driver alone.
const MINUTE_MS = 60_000;

const options = readOptions(process.argv.slice(2));
if (options === undefined) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(1);
}
const say = (line: string) => void process.stdout.write(`${line}\n`);
const stopped = new AbortController();
await tellFaults(() => run(options));

async function run(options: LoadOptions): Promise<void> {
  const house = options.url === undefined ? await startHouse() : elsewhere(options.url);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort());
  try {
    const load = loadavg().map((average) => average.toFixed(1));
    const shared = options.url === undefined ? ', shared by server, Postgres and driver' : ', of the driver';
    say(`${machine()}${shared}; load before: ${load.join(', ')}`);
    process.exitCode = (await ramp(house, options)) ? 0 : 1;
  } finally {
    await house.close();
  }
}

/** Goes up step by step. False where reports were lost or doubled. */
async function ramp(house: House, options: LoadOptions): Promise<boolean> {
  const fleet = new Fleet(house.origin, await placesOf(house.origin));
  const stepMs = options.minutes * MINUTE_MS;
  const steps: Step[] = [];
  let broken: string[] = [];
  for (const devices of stepsOf(options)) {
    if ((broken.length > 0 && !options.goOn) || stopped.signal.aborted || fleet.hasStopped) break;
    await fleet.grow(devices, stepMs);
    const used = await measureUsage(house);
    const observed = await fleet.observe(stepMs);
    const step = { devices, ...observed, usage: await used() };
    steps.push(step);
    broken = brokenBy(step, availableParallelism());
    say(`${devices} devices: ${broken.length === 0 ? 'within all limits' : broken.join('; ')}`);
  }
  const { settled, pending } = await fleet.finish();
  const stored = await house.stored();
  say(`\n${tableOf(steps)}\n`);
  const verdict =
    stored === undefined ? '' : `; in Postgres ${stored.reports}, in the ledger ${stored.settled}`;
  say(`reports that devices know to be settled: ${settled}, not sent: ${pending}${verdict}`);
  // Of a server elsewhere only its devices tell.
  if (stored === undefined) return pending === 0;
  return stored.reports === stored.settled && stored.reports === settled + pending;
}
