import { accessSync, constants } from 'node:fs';
import { basename, dirname } from 'node:path';
import { createGazetteer } from '../../../server/areas/gazetteer.ts';
import { HaloError } from '../../../server/platform/errors.ts';
import type { PlaceKind } from '../../../server/predictions/forecast.ts';
import { createHistoryBuilder } from '../../../server/predictions/history-builder.ts';
import { PROCEDURE } from '../../../server/predictions/model/fit-model.ts';
import type { EvaluationArguments } from './arguments.ts';
import { emptyWeeks, refuseBeyondEntries } from './coverage.ts';
import { evaluateSeries, TEST, weeksBetween } from './evaluate-series.ts';
import { archiveIncidents, registerIncidents } from './read-incidents.ts';
import { renderReport } from './report.ts';
import { readResults, sha256Of, writeResults, writeWhole } from './saved-results.ts';
import type { Asked } from './saved-results.ts';
import { printResult } from './table.ts';

/** Where the command writes to, and its clock. */
export interface EvaluationOutput {
  /** A line of the result. */
  print(line: string): void;
  /** A line that tells how far it is. */
  log(line: string): void;
  now(): Date;
}

/**
 * The whole command: tests each series that the saved results lack, prints all that were asked for, and writes results and report after
 * each, so that what ends it early loses one series at most. Resolves with how many of the series that were asked for could be
 * tested. Fails with what its parts fail with, and with `evaluation_no_week`, `evaluation_beyond_entries` or `evaluation_out_unwritable`.
 */
export async function evaluatePredictions(
  options: EvaluationArguments,
  { print, log, now }: EvaluationOutput,
): Promise<number> {
  const weeks = weeksBetween(options.fromShownMs, options.toShownMs);
  if (weeks.length === 0)
    throw new HaloError('evaluation_no_week', 'No week from Monday on lies between --from and --to.');
  refuseUnwritable(options.out);
  const [json, html] = [`${options.out}.json`, `${options.out}.html`];
  const asked = await askedOf(options);
  const results = readResults(json, asked);
  const gazetteer = createGazetteer();
  const { incidents, remarks: ofEntries } = options.isArchive
    ? await archiveIncidents(options.source, gazetteer)
    : await registerIncidents(options, gazetteer, now());
  refuseBeyondEntries(incidents, options);
  const gap = emptyWeeks(incidents, weeks, options.zone);
  const remarks = gap === undefined ? ofEntries : [...ofEntries, gap];
  remarks.forEach((remark, n) => print(n === 0 ? remark : `  ${remark}`));
  const municipalities = gazetteer
    .all()
    .filter(({ kind }) => kind === 'municipality')
    .map(({ code, lat, lon, parentCode }) => ({ id: code, lat, lon, region: parentCode }));
  const historyOf = remembered((placeKind) => {
    const builder = createHistoryBuilder(placeKind, options.zone, municipalities);
    incidents.forEach((incident) => builder.add(incident));
    return builder.build();
  });
  let tested = 0;
  for (const series of options.series) {
    let result = results.find(
      (each) => each.series.placeKind === series.placeKind && each.series.category === series.category,
    );
    if (result === undefined) {
      const computed = evaluateSeries(historyOf(series.placeKind), series, weeks, log);
      result = { ...computed, computedAt: now().toISOString() };
      results.push(result);
      writeResults(json, asked, results);
    } else log(`${series.placeKind} ${series.category} is taken from ${json}, of ${result.computedAt}`);
    printResult(result, print);
    writeWhole(html, renderReport({ asked, remarks, writtenAt: now(), results }));
    if (!('tooLittle' in result)) tested += 1;
  }
  print(`\n${html} holds the tables and plots.`);
  return tested;
}

async function askedOf(options: EvaluationArguments): Promise<Asked> {
  return {
    source: basename(options.source),
    sha256: await sha256Of(options.source),
    from: options.from,
    to: options.to,
    zone: options.zone,
    isZoneGiven: options.clock !== undefined,
    mappings: options.mappings.map(({ column, field }) => `${column}=${field}`),
    delimiter: options.delimiter,
    procedure: PROCEDURE,
    test: TEST,
  };
}

/** Hours of computing must not be lost at the end. */
function refuseUnwritable(out: string): void {
  try {
    accessSync(dirname(out), constants.W_OK);
  } catch (cause) {
    throw new HaloError('evaluation_out_unwritable', `The folder of --out ${out} cannot be written to.`, {
      cause,
    });
  }
}

function remembered<Value>(of: (kind: PlaceKind) => Value): (kind: PlaceKind) => Value {
  const values = new Map<PlaceKind, Value>();
  return (kind) => {
    const value = values.get(kind) ?? of(kind);
    values.set(kind, value);
    return value;
  };
}
