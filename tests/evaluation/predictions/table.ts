import type { Difference, Estimate, RivalName, Scores } from '../../../server/predictions/forecast.ts';
import type { TestedSeries } from './evaluate-series.ts';
import type { DatedResult } from './saved-results.ts';
import { fewOrigins } from './origins.ts';

const AREAS = ['1', '5', '10', '0.65 km²'] as const;

/** Prints a result as lines of a table: scores, and how much better the model was than each rival; or why there are none. */
export function printResult(result: DatedResult, print: (line: string) => void): void {
  const { placeKind, category } = result.series;
  print('');
  if ('tooLittle' in result) print(`${placeKind} ${category}: not tested. ${result.tooLittle}`);
  else printScores(result, result.computedAt, print);
}

function printScores(
  { series, evaluation }: TestedSeries,
  computedAt: string,
  print: (line: string) => void,
): void {
  const { origins, incidents, places, model, rivals, differences } = evaluation;
  print(
    `${series.placeKind} ${series.category}: ${origins} weeks, ${incidents} incidents, ${places} places, computed ${computedAt}`,
  );
  const warning = fewOrigins(origins);
  if (warning !== undefined) print(warning);
  const areas = AREAS.filter((area) => model.pai[area] !== undefined);
  print(
    [
      '',
      ...areas.map((area) => `PAI ${area}`),
      ...areas.map((area) => `PEI ${area}`),
      ...areas.map((area) => `week ${area}`),
      'deviance',
      'Brier',
    ]
      .map((cell, n) => cell.padStart(n === 0 ? 16 : 13))
      .join(''),
  );
  const names: ['model' | RivalName, Scores][] = [
    ['model', model],
    ...(Object.entries(rivals) as [RivalName, Scores][]),
  ];
  for (const [name, scores] of names) {
    const figures = [
      ...areas.map((area) => scores.pai[area]!.value.toFixed(3)),
      ...areas.map((area) => scores.pei[area]!.value.toFixed(3)),
      ...areas.map((area) => scores.weekPai[area]!.value.toFixed(3)),
      scores.deviance.value.toPrecision(6),
      scores.brier.value.toPrecision(5),
    ];
    print([name.padEnd(16), ...figures.map((figure) => figure.padStart(13))].join(''));
  }
  differences.forEach((difference) => printDifference(difference, areas, print));
}

function printDifference(
  { rival, pai, weekPai, deviance }: Difference,
  areas: readonly (typeof AREAS)[number][],
  print: (line: string) => void,
): void {
  const bounds = ({ value, lower, upper }: Estimate, digits: number) =>
    `${value.toFixed(digits)} (${lower.toFixed(digits)} to ${upper.toFixed(digits)})`;
  const figures = [
    ...areas.map((area) => `PAI ${area}: ${bounds(pai[area]!, 3)}`),
    ...areas.map((area) => `week ${area}: ${bounds(weekPai[area]!, 3)}`),
    `deviance: ${bounds(deviance, 6)}`,
  ];
  print(`  over ${rival}: ${figures.join(', ')}`);
}
