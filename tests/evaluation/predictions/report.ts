import type { AreaChosen, Estimate, RivalName, Scores } from '../../../server/predictions/forecast.ts';
import type { TestedSeries } from './evaluate-series.ts';
import { fewOrigins } from './origins.ts';
import { linePlot, mapPlot } from './plots.ts';
import type { Line } from './plots.ts';
import type { Asked, DatedResult } from './saved-results.ts';

const NAMES: Readonly<Record<'model' | RivalName, string>> = {
  model: 'Model',
  'count-365': 'Count of 365 days',
  'decayed-count': 'Decayed count',
  'space-time-kde': 'Space-time KDE',
  champion: 'Champion',
};
const COLOURS: Readonly<Record<'model' | RivalName, string>> = {
  model: '#0b5fff',
  'count-365': '#8a8a8a',
  'decayed-count': '#c77700',
  'space-time-kde': '#00875a',
  champion: '#7a3fb5',
};
const TABLE_AREAS: readonly AreaChosen[] = ['1', '5', '10', '0.65 km²'];

/** What a report is of. */
export interface Reported {
  readonly asked: Asked;
  /** What is to be known of the file's entries, a line each. */
  readonly remarks: readonly string[];
  readonly writtenAt: Date;
  readonly results: readonly DatedResult[];
}

/** The report of a test as one HTML file that needs nothing else. */
export function renderReport({ asked, remarks, writtenAt, results }: Reported): string {
  const { source, sha256, from, to, zone, isZoneGiven, mappings, delimiter, procedure, test } = asked;
  const reading = [
    ...(isZoneGiven ? [`Times without an offset are read by the clocks of ${zone}.`] : []),
    ...(mappings.length > 0 ? [`Columns are read as ${mappings.join(', ')}.`] : []),
    ...(delimiter === ',' ? [] : [`Columns are parted by "${delimiter}".`]),
  ];
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>How well incidents are forecast</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; background: #fff; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 0.875rem; }
th, td { text-align: right; padding: 0.25rem 0.6rem; border-bottom: 1px solid #ddd; }
th:first-child, td:first-child { text-align: left; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1rem; margin: 1rem 0 3rem; }
svg { width: 100%; height: auto; } svg text { font-size: 11px; fill: #444; }
.note { border-left: 4px solid #c77700; padding-left: 0.75rem; } code { overflow-wrap: anywhere; font-size: 0.875rem; }
.better { color: #00662f; font-weight: 600; } .unsure { color: #6b6b6b; }
</style>
<h1>How well incidents are forecast</h1>
<p>${escaped(source)}, Mondays from ${from} to before ${to}, windows of six hours by the clocks of ${escaped(zone)}. Each week is forecast from what was known at its
beginning; the model is fitted anew every 26 weeks from what was known at that time, and the baselines are set by the half year before the test.</p>
<p>PAI is the share of incidents found over the share of the area chosen, the places being chosen anew for each window; PEI is PAI over the best that was
possible. “Week” chooses the places once for the whole week. Deviance is Poisson’s, of a place and window; less is better. Differences are the model’s
lead with a bootstrap 95 % interval over weeks.</p>
<p>Written ${writtenAt.toISOString()}. SHA-256 of ${escaped(source)}: <code>${sha256}</code>. Models are learnt by
<code>${escaped(procedure)}</code> and tested by <code>${escaped(test)}</code>.</p>
<ul>${[...reading, ...remarks].map((remark) => `<li>${escaped(remark)}</li>`).join('')}</ul>
${results.map(section).join('\n')}
</html>
`;
}

function section(result: DatedResult): string {
  const { placeKind, category } = result.series;
  const heading = `<h2>${category}, ${placeKind}</h2>`;
  return 'tooLittle' in result
    ? `${heading}\n<p class="note">Not tested. ${escaped(result.tooLittle)}</p>`
    : `${heading}\n${testedSection(result, result.computedAt)}`;
}

function testedSection(result: TestedSeries, computedAt: string): string {
  const { evaluation, fits, baselines } = result;
  const { origins, incidents, places, model, rivals, reliability } = evaluation;
  const everyone: readonly ['model' | RivalName, Scores][] = [
    ['model', model],
    ...(Object.entries(rivals) as [RivalName, Scores][]),
  ];
  const areas = TABLE_AREAS.filter((area) => model.pai[area] !== undefined);
  const curve = (scores: Scores): Line['points'] =>
    Object.entries(scores.pai).flatMap(([area, { value }]) =>
      area.includes('km') ? [] : [[Number(area), value]],
    );
  const lines = everyone.map(([name, scores]): Line => ({
    name: NAMES[name],
    colour: COLOURS[name],
    points: curve(scores),
  }));
  const calibrated: Line['points'] = reliability.map(({ expected, seen }) => [expected, seen]);
  const ends = [calibrated[0]![0], calibrated.at(-1)![0]];
  const warning = fewOrigins(origins);
  return `${warning === undefined ? '' : `<p class="note">${warning}</p>\n`}<p>Computed ${computedAt}. ${origins} weeks, ${incidents.toLocaleString('en')} incidents, ${places.toLocaleString('en')} places.
Fitted ${fits.map(({ cutOff, trees }) => `${cutOff.slice(0, 10)} (${trees} trees)`).join(', ')}.
Baselines: ${escaped(JSON.stringify(baselines))}.</p>
${scoresTable(everyone, areas)}
${differencesTable(result, areas)}
<div class="plots">
${linePlot('PAI by percent of the area', lines, { x: 'percent of the area', y: 'PAI' })}
${linePlot(
  'Reliability (logarithmic)',
  [
    { name: 'as forecast', colour: '#bbb', points: ends.map((end): [number, number] => [end, end]) },
    { name: 'Model', colour: COLOURS.model, points: calibrated.filter(([, seen]) => seen > 0) },
  ],
  { x: 'expected in a window', y: 'seen', isLog: true },
)}
${mapPlot('Expected in the last week, and what came (rings)', result.map)}
</div>`;
}

function scoresTable(
  everyone: readonly ['model' | RivalName, Scores][],
  areas: readonly AreaChosen[],
): string {
  const head = [
    '',
    ...areas.map((area) => `PAI ${label(area)}`),
    ...areas.map((area) => `PEI ${label(area)}`),
    ...areas.map((area) => `week ${label(area)}`),
    'deviance',
    'Brier',
  ];
  const rows = everyone.map(([name, scores]) => [
    NAMES[name],
    ...areas.map((area) => scores.pai[area]!.value.toFixed(2)),
    ...areas.map((area) => scores.pei[area]!.value.toFixed(3)),
    ...areas.map((area) => scores.weekPai[area]!.value.toFixed(2)),
    scores.deviance.value.toPrecision(5),
    scores.brier.value.toPrecision(4),
  ]);
  return table(head, rows);
}

function differencesTable({ evaluation }: TestedSeries, areas: readonly AreaChosen[]): string {
  const head = [
    'Lead over',
    ...areas.map((area) => `PAI ${label(area)}`),
    ...areas.map((area) => `week ${label(area)}`),
    'deviance',
  ];
  const rows = evaluation.differences.map(({ rival, pai, weekPai, deviance }) => [
    NAMES[rival],
    ...areas.map((area) => lead(pai[area]!, 2)),
    ...areas.map((area) => lead(weekPai[area]!, 2)),
    lead(deviance, 6),
  ]);
  return table(head, rows);
}

function lead({ value, lower, upper }: Estimate, digits: number): string {
  const text = `${value.toFixed(digits)} (${lower.toFixed(digits)} – ${upper.toFixed(digits)})`;
  return `<span class="${lower > 0 ? 'better' : 'unsure'}">${text}</span>`;
}

function label(area: AreaChosen): string {
  return area.includes('km') ? area : `${area} %`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  return `<table>${line(head, 'th')}${rows.map((row) => line(row, 'td')).join('')}</table>`;
}

/** Text that means nothing to a browser. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
