import { groupReports } from '../../../server/reports/groups.ts';
import type { Linkable } from '../../../server/reports/linking.ts';
import { hasSharedData, sharedPath } from '../../support/shared-data.ts';
import { tellFaults } from '../../support/tell-faults.ts';
import { generate, SETTINGS } from './generate.ts';
import { agreement } from './measures.ts';
import { officialReports } from './official-reports.ts';
import { seededRandom } from './random.ts';

// What `npm run evaluate:linking` runs: how well reports are linked, on reports whose events are known. The seed is the same
// each time; another one may be given as an argument.
const SEED = 20_260_601;
/** In so many other orders the reports of a setting are grouped again. */
const ORDERS = 20;
const GOALS = { precision: 0.95, recall: 0.8, bCubedF1: 0.9 };
const ARCHIVE = ['data', 'polisen', 'events-until-2026-03.ndjson.gz'];

const seed = Number(process.argv[2] ?? SEED);
await tellFaults(async () => {
  if (!Number.isSafeInteger(seed)) fail(`The seed must be a whole number, not ${process.argv[2]}.`);
  process.stdout.write(
    `seed ${seed}; goals: precision ${GOALS.precision}, recall ${GOALS.recall}, B-cubed F1 ${GOALS.bCubedF1}\n\n`,
  );
  print(['reports of', 'reports', 'events', 'incidents', 'precision', 'recall', 'B³ F1', 'orders']);
  let isGood = true;
  for (const setting of SETTINGS) {
    const reports = generate(setting, seed);
    const same = sameInAllOrders(reports);
    isGood &&=
      same &&
      evaluate(setting.name, reports, ({ event }) => String(event), same ? `${ORDERS} same` : 'DIFFERENT');
  }
  if (hasSharedData(...ARCHIVE)) {
    const official = officialReports(sharedPath(...ARCHIVE));
    isGood &&= evaluate('the police feed', official, ({ announcement }) => announcement, '');
  }
  if (!isGood) fail('\nA goal is missed.');
});

/** Groups the reports, and compares with the truth. Whether the goals are reached. */
function evaluate<Report extends Linkable>(
  name: string,
  reports: readonly Report[],
  truthOf: (report: Report) => string,
  orders: string,
): boolean {
  const groups = groupReports(reports);
  const labelled = groups.flatMap(({ members }, group) =>
    members.map((report) => ({ group, event: truthOf(report) })),
  );
  const found = agreement(labelled);
  const events = new Set(labelled.map(({ event }) => event)).size;
  const figures = [found.precision, found.recall, found.bCubedF1].map((figure) => figure.toFixed(4));
  print([name, reports.length, events, groups.length, ...figures, orders]);
  return Object.entries(GOALS).every(([measure, goal]) => found[measure as keyof typeof GOALS] >= goal);
}

function sameInAllOrders(reports: readonly Linkable[]): boolean {
  const random = seededRandom(seed);
  const partition = (some: readonly Linkable[]) =>
    JSON.stringify(
      groupReports(some)
        .map(({ members }) => members.map(({ id }) => id))
        .toSorted((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1)),
    );
  const expected = partition(reports);
  return Array.from({ length: ORDERS }, () =>
    reports.map((report) => ({ report, key: random.uniform() })).toSorted((a, b) => a.key - b.key),
  ).every((order) => partition(order.map(({ report }) => report)) === expected);
}

function print(cells: readonly (string | number)[]): void {
  const [name, ...rest] = cells;
  process.stdout.write(
    `${String(name).padEnd(16)}${rest.map((cell) => String(cell).padStart(11)).join('')}\n`,
  );
}

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
