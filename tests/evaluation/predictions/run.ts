import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { createGazetteer } from '../../../server/areas/gazetteer.ts';
import { CATEGORIES } from '../../../server/predictions/categories.ts';
import type { PlaceKind, Series } from '../../../server/predictions/forecast.ts';
import { createHistoryBuilder } from '../../../server/predictions/history-builder.ts';
import { evaluateSeries } from './evaluate-series.ts';
import type { SeriesResult } from './evaluate-series.ts';
import { archiveIncidents, registerIncidents } from './read-incidents.ts';
import { renderReport } from './report.ts';
import { printResult } from './table.ts';

// What `npm run evaluate:predictions` runs: how well incidents are forecast, over weekly origins.
const USAGE = `Usage: npm run evaluate:predictions -- --source FILE --from DAY --to DAY [options]

Forecasts every week between two days from what was known at its beginning, and compares with what came: the model, and
three baselines. FILE is a register's CSV or GeoJSON, as npm run import takes it, or an archive of polisen.se's events, one
a line (.ndjson.gz). All may be gzipped.

  --zone ZONE          whose clocks say which window it is (America/Chicago for a register, Europe/Stockholm for the archive)
  --places KINDS       cell-9, cell-10 or municipality, with commas between (cell-9; for the archive municipality)
  --categories NAMES   with commas between (${Object.keys(CATEGORIES).join(',')})
  --out NAME           writes NAME.html, the report, and NAME.json (predictions). Series that the JSON holds already are not
                       computed again.
`;

const { values } = parseArgs({
  options: {
    source: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    zone: { type: 'string' },
    places: { type: 'string' },
    categories: { type: 'string' },
    out: { type: 'string', default: 'predictions' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help === true) {
  process.stdout.write(USAGE);
  process.exit();
}
const { source, from, to } = values;
if (source === undefined || from === undefined || to === undefined) fail(USAGE);
const [fromMs, toMs] = [dayOf(from, '--from'), dayOf(to, '--to')];
const isArchive = /\.ndjson(\.gz)?$/.test(source);
const zone = values.zone ?? (isArchive ? 'Europe/Stockholm' : 'America/Chicago');
const kinds = (values.places ?? (isArchive ? 'municipality' : 'cell-9')).split(',');
const categories = (values.categories ?? Object.keys(CATEGORIES).join(',')).split(',');
const unknown = [
  ...kinds.filter((kind) => !['cell-9', 'cell-10', 'municipality'].includes(kind)),
  ...categories.filter((category) => CATEGORIES[category] === undefined),
];
if (unknown.length > 0) fail(`There is no ${unknown.join(', ')}.\n\n${USAGE}`);

const asked = { source: basename(source), from, to, zone };
const results = earlierResults(`${values.out}.json`);
const incidents = isArchive ? archiveIncidents(source) : await registerIncidents(source);
const municipalities = createGazetteer()
  .all()
  .filter(({ kind }) => kind === 'municipality')
  .map(({ code, lat, lon, parentCode }) => ({ id: code, lat, lon, region: parentCode }));
for (const placeKind of kinds as PlaceKind[]) {
  const builder = createHistoryBuilder(placeKind, zone, municipalities);
  incidents.forEach((incident) => builder.add(incident));
  const history = builder.build();
  for (const category of categories) {
    const series: Series = { placeKind, category };
    let result = results.find(
      (each) => each.series.placeKind === placeKind && each.series.category === category,
    );
    if (result === undefined) {
      result = evaluateSeries(history, series, fromMs, toMs, (text) => process.stderr.write(`${text}\n`));
      results.push(result);
      writeFileSync(`${values.out}.json`, JSON.stringify({ asked, results }));
    }
    printResult(result, (line) => process.stdout.write(`${line}\n`));
  }
}
writeFileSync(`${values.out}.html`, renderReport(asked, results));
process.stdout.write(`\n${values.out}.html holds the tables and plots.\n`);

function earlierResults(path: string): SeriesResult[] {
  if (!existsSync(path)) return [];
  const file = JSON.parse(readFileSync(path, 'utf8')) as { asked: typeof asked; results: SeriesResult[] };
  if (JSON.stringify(file.asked) !== JSON.stringify(asked))
    fail(`${path} holds another test; name another --out.`);
  return file.results;
}

function dayOf(text: string, option: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(ms) ? fail(`${option} must be a day, as 2018-01-01.`) : ms;
}

function fail(text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
