import type {
  AreaChosen,
  ChampionTest,
  Difference,
  Estimate,
  Evaluation,
  GateDecision,
  PlaceKind,
  RivalName,
} from './forecast.ts';

/** The shares of the area, in per cent, in which a model of cells must surely find more than every baseline. */
const DECIDING_AREAS = ['1', '5'] as const;
/** The share in which nothing may find less than what it stands in for. */
const MAIN_AREA = '5';
/** The baseline that is served where no model is. */
const SERVED_BASELINE = 'count-365';
const NAMES: Readonly<Record<RivalName, string>> = {
  'count-365': 'the count of the last 365 days',
  'decayed-count': 'the decayed count',
  'space-time-kde': 'the space-time kernel density',
  champion: 'the champion',
};

/** What the gate knows beside the evaluation. */
export interface GateContext {
  readonly placeKind: PlaceKind;
  /** Of the model in use; undefined where the baseline is served. */
  readonly champion: ChampionTest | undefined;
}

/**
 * Decides what becomes of a trained model. It must beat every baseline: the lower bounds of its leads' 95 % intervals over 0 in Poisson
 * deviance and, of cells, in what it finds in 1 % and in 5 % of the area (PAI), where that is a whole cell at least; of municipalities it must
 * find no less. One that was learnt as the champion was then renews it, unless it
 * is surely worse; one that was learnt in another way must beat it likewise. A champion gives way to the baseline that would be served in its
 * place where it is surely worse than that, by its own test or, where it is too young for one, by that of the way in which it was learnt.
 */
export function decide(evaluation: Evaluation, { champion, placeKind }: GateContext): GateDecision {
  const areas = placeKind === 'municipality' ? [] : decidingAreas(evaluation);
  const lost = baselinesOf(evaluation).find((each) => !beats(each, areas));
  if (champion === undefined) {
    return lost === undefined
      ? { decision: 'promoted', reason: `It beats every baseline: ${closest(evaluation)}.` }
      : { decision: 'baseline', reason: lostTo(lost, evaluation) };
  }
  if (lost !== undefined) return ofUnproven(evaluation, champion, lost);
  return champion.isSameProcedure ? ofRenewal(evaluation) : ofChallenger(evaluation, champion);
}

/** A model that beats the baselines, and was learnt as the champion was, from more. */
function ofRenewal(evaluation: Evaluation): GateDecision {
  const toChampion = differenceTo('champion', evaluation);
  if (toChampion !== undefined && toChampion.deviance.upper < 0) {
    const reason = `The champion, though older, is surely better: ${numbers(toChampion, evaluation)}.`;
    return { decision: 'kept', reason };
  }
  const reason = `It was learnt as the champion was, from more, and beats every baseline: ${closest(evaluation)}.`;
  return { decision: 'promoted', reason };
}

/** A model that beats the baselines, and was learnt in another way than the champion. */
function ofChallenger(evaluation: Evaluation, { overCount365 }: ChampionTest): GateDecision {
  const toChampion = differenceTo('champion', evaluation);
  if (toChampion === undefined) {
    return {
      decision: 'kept',
      reason: 'The champion is too young to be compared with: too few weeks lie after its cut-off.',
    };
  }
  if (beats(toChampion)) {
    const reason = `It beats the champion and every baseline: ${numbers(toChampion, evaluation)}.`;
    return { decision: 'promoted', reason };
  }
  if (overCount365 !== undefined && overCount365.value <= 0) {
    const reason = `It beats every baseline, and the champion is no better than ${NAMES[SERVED_BASELINE]}: ${closest(evaluation)}.`;
    return { decision: 'promoted', reason };
  }
  return { decision: 'kept', reason: lostTo(toChampion, evaluation) };
}

/** A model that does not beat the baselines: what is served now stays, unless it is surely worse than the baseline. */
function ofUnproven(evaluation: Evaluation, champion: ChampionTest, lost: Difference): GateDecision {
  const reason = lostTo(lost, evaluation);
  const { overCount365: own, isSameProcedure } = champion;
  if (own !== undefined) {
    if (own.upper >= 0) return { decision: 'kept', reason };
    return {
      decision: 'baseline',
      reason: `${reason} The champion is surely worse than ${NAMES[SERVED_BASELINE]}: ${lead(own)}.`,
    };
  }
  const twin = differenceTo(SERVED_BASELINE, evaluation)?.deviance;
  if (!isSameProcedure || twin === undefined || twin.upper >= 0) return { decision: 'kept', reason };
  return {
    decision: 'baseline',
    reason: `${reason} The champion was learnt in the same way, which is surely worse than ${NAMES[SERVED_BASELINE]}: ${lead(twin)}.`,
  };
}

/** Whether a model surely expects the counts better than a rival, finds no less, and surely more in these areas. */
function beats({ deviance, pai }: Difference, areas: readonly AreaChosen[] = []): boolean {
  const findsNoLess = (pai[MAIN_AREA]?.value ?? 0) >= 0;
  return deviance.lower > 0 && findsNoLess && areas.every((area) => (pai[area]?.lower ?? 0) > 0);
}

/** In a town of some ninety cells 1 % of the area is no whole cell: what is found there is chance. */
function decidingAreas({ places }: Evaluation): readonly AreaChosen[] {
  return DECIDING_AREAS.filter((area) => (Number(area) / 100) * places >= 1);
}

function baselinesOf({ differences }: Evaluation): readonly Difference[] {
  return differences.filter(({ rival }) => rival !== 'champion');
}

function differenceTo(name: RivalName, { differences }: Evaluation): Difference | undefined {
  return differences.find(({ rival }) => rival === name);
}

/** The numbers beside the baseline that comes nearest. */
function closest(evaluation: Evaluation): string {
  const nearest = baselinesOf(evaluation).reduce((least, each) =>
    each.deviance.lower < least.deviance.lower ? each : least,
  );
  return numbers(nearest, evaluation);
}

function lostTo(difference: Difference, evaluation: Evaluation): string {
  return `It does not beat ${NAMES[difference.rival]}: ${numbers(difference, evaluation)}.`;
}

function lead({ value, lower, upper }: Estimate): string {
  return `better by ${value.toPrecision(3)} (95 % from ${lower.toPrecision(3)} to ${upper.toPrecision(3)})`;
}

function numbers(
  { rival, deviance, pai }: Difference,
  { model, rivals, origins, incidents }: Evaluation,
): string {
  const figures = [
    `deviance ${model.deviance.value.toPrecision(4)} against ${rivals[rival]!.deviance.value.toPrecision(4)} of ${NAMES[rival]}`,
    lead(deviance),
  ];
  for (const area of DECIDING_AREAS) {
    const ofArea = pai[area];
    if (ofArea !== undefined) figures.push(`PAI at ${area} % of the area ${lead(ofArea)}`);
  }
  return `${figures.join(', ')}, in ${origins} weeks with ${incidents} incidents`;
}
