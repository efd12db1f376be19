import type { Difference, Evaluation, GateDecision, RivalName } from './forecast.ts';

/** The amount of area at which a model of cells must find at least as much as every baseline. */
const DECIDING_AREA = '5';
const BASELINE_NAMES: Readonly<Record<RivalName, string>> = {
  'count-365': 'the count of the last 365 days',
  'decayed-count': 'the decayed count',
  'space-time-kde': 'the space-time kernel density',
  champion: 'the champion',
};

/** What the gate knows beside the evaluation. */
export interface GateContext {
  /** What is served now: a model, or the baseline. */
  readonly serving: 'model' | 'baseline';
}

/**
 * Decides what becomes of a trained model. It must beat every baseline: the lower bound of its 95 % interval of Poisson deviance above
 * theirs, and in 5 % of the area no fewer incidents found than by any of them. Where a model is in use it must beat that likewise; a
 * champion that is too young to be compared stays. A champion whose own deviance is no better than the baselines' gives
 * way to the baseline.
 */
export function decide(evaluation: Evaluation, { serving }: GateContext): GateDecision {
  const lost = evaluation.differences
    .filter(({ rival }) => rival !== 'champion')
    .find((each) => !beats(each));
  if (serving === 'baseline') {
    if (lost !== undefined) return { decision: 'baseline', reason: lostTo(lost, evaluation) };
    return {
      decision: 'promoted',
      reason: `It beats every baseline: ${numbers(closest(evaluation), evaluation)}.`,
    };
  }
  const toChampion = evaluation.differences.find(({ rival }) => rival === 'champion');
  if (toChampion === undefined) {
    return {
      decision: 'kept',
      reason: 'The champion is too young to be compared with: too few weeks lie after its cut-off.',
    };
  }
  if (lost === undefined && beats(toChampion)) {
    return {
      decision: 'promoted',
      reason: `It beats the champion and every baseline: ${numbers(toChampion, evaluation)}.`,
    };
  }
  const worse = betterThanChampion(evaluation);
  if (worse !== undefined) {
    return {
      decision: 'baseline',
      reason: `Neither it nor the champion beats the baselines any more: ${BASELINE_NAMES[worse]} has the lower deviance than the champion.`,
    };
  }
  return { decision: 'kept', reason: lostTo(lost ?? toChampion, evaluation) };
}

/** Whether a model's lower bound lies above a rival's. */
function beats({ deviance, pai }: Difference): boolean {
  return deviance.lower > 0 && (pai[DECIDING_AREA]?.value ?? 0) >= 0;
}

function closest({ differences }: Evaluation): Difference {
  return differences.reduce((least, each) => (each.deviance.lower < least.deviance.lower ? each : least));
}

/** A baseline whose deviance is lower than the champion's own. */
function betterThanChampion({ rivals }: Evaluation): RivalName | undefined {
  const champion = rivals.champion?.deviance.value;
  if (champion === undefined) return undefined;
  const names = Object.keys(rivals) as RivalName[];
  return names.find((name) => name !== 'champion' && rivals[name]!.deviance.value < champion);
}

function lostTo(difference: Difference, evaluation: Evaluation): string {
  return `It does not beat ${BASELINE_NAMES[difference.rival]}: ${numbers(difference, evaluation)}.`;
}

function numbers(
  { rival, deviance, pai }: Difference,
  { model, rivals, origins, incidents }: Evaluation,
): string {
  const figures = [
    `deviance ${model.deviance.value.toPrecision(4)} against ${rivals[rival]!.deviance.value.toPrecision(4)} of ${BASELINE_NAMES[rival]}`,
    `better by ${deviance.value.toPrecision(3)} (95 % from ${deviance.lower.toPrecision(3)} to ${deviance.upper.toPrecision(3)})`,
  ];
  const ofArea = pai[DECIDING_AREA];
  if (ofArea !== undefined)
    figures.push(`PAI at ${DECIDING_AREA} % of the area higher by ${ofArea.value.toPrecision(3)}`);
  return `${figures.join(', ')}, in ${origins} weeks with ${incidents} incidents`;
}
