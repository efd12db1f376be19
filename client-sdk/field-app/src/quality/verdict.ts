import type { Champions } from '@halo/shapes/protocol/predictions.ts';
import { BASELINE } from './measures.ts';

/** Who speaks for one series, and how it was tested. */
export type SeriesAnswer = Champions['series'][number];
type Latest = NonNullable<SeriesAnswer['latest']>;

/** What is served, and why. */
export type Verdict =
  /** A trained model that beat the baselines in the test by which it was chosen. */
  | 'model'
  /** A trained model that an operator has chosen, whatever its test said. */
  | 'pinned'
  /** The baseline, since a trained model did not beat it. */
  | 'baseline_kept'
  /** The baseline: a trained model has the better counts, and lost a comparison that it must win, too. */
  | 'other_better'
  /** The baseline, since an operator holds it or has gone back to it. */
  | 'baseline_chosen'
  /** The baseline, since the artefact of a trained model cannot be used. */
  | 'unusable'
  /** The baseline; the last training failed. */
  | 'failed'
  /** The baseline, since nothing could be tested. */
  | 'untested';

/** What a series comes to. */
export function verdictOf(series: SeriesAnswer): Verdict {
  const { champion, pinned } = series;
  if (champion.kind === 'trained') return champion.decision === 'promoted' && !pinned ? 'model' : 'pinned';
  if (pinned) return 'baseline_chosen';
  return whateverTheTest(series) ?? byTest(series);
}

/** Why the baseline speaks, where the latest test is not the reason. */
function whateverTheTest({ latest, since, cause }: SeriesAnswer): Verdict | undefined {
  if (latest === null) return 'untested';
  // Whatever happened before it was trained, the baseline speaks because it lost.
  if (latest.decision === 'baseline' && Date.parse(latest.trainedAt) >= Date.parse(since)) return undefined;
  if (cause === 'fall_back') return 'unusable';
  if (cause === 'roll_back' || cause === 'pin' || cause === 'unpin') return 'baseline_chosen';
  // A server that does not tell the cause: a model that was promoted speaks, unless it cannot, or an operator was against it.
  if (latest.decision === 'promoted') return latest.unusable === null ? 'baseline_chosen' : 'unusable';
  return undefined;
}

function byTest({ latest }: SeriesAnswer): Verdict {
  if (latest?.decision === 'failed') return 'failed';
  if (latest?.evaluation == null) return 'untested';
  const difference = latest.evaluation.differences.find(({ rival }) => rival === BASELINE);
  return difference !== undefined && difference.deviance.lower > 0 ? 'other_better' : 'baseline_kept';
}

/** What is told of a model beside the verdict, in the server's words. */
export interface Reason {
  /** Of the newest model, which is not in use; or of who speaks. */
  readonly of: 'newest' | 'champion';
  /** When that was trained, or decided. */
  readonly at: string;
  /** It passed its test, and is not in use for another reason. */
  readonly passed: boolean;
  /** Since when its artefact cannot be used. */
  readonly unusableSince: string | undefined;
  readonly text: string;
}

/** Why the baseline speaks, or what became of the newest model; undefined where there is nothing to say. */
export function reasonOf({ champion, latest }: SeriesAnswer): Reason | undefined {
  if (latest !== null && latest.id !== champion.id && !isNewer(champion, latest)) {
    const { trainedAt: at, decision, unusable, reason: text } = latest;
    return { of: 'newest', at, passed: decision === 'promoted', unusableSince: unusable?.at, text };
  }
  if (champion.reason === '') return undefined;
  const { trainedAt: at, reason: text } = champion;
  return { of: 'champion', at, passed: false, unusableSince: undefined, text };
}

/** The baseline's reason is of a run since the newest model's in which nothing was trained: too little was known. */
function isNewer(champion: SeriesAnswer['champion'], latest: Latest): boolean {
  return champion.kind === 'baseline' && Date.parse(champion.trainedAt) > Date.parse(latest.trainedAt);
}

/** The series of one kind of place, all types together first. */
export function byPlaceKind(series: readonly SeriesAnswer[]): ReadonlyMap<string, readonly SeriesAnswer[]> {
  const kinds = new Map<string, SeriesAnswer[]>();
  for (const one of series) {
    const group = kinds.get(one.placeKind);
    if (group === undefined) kinds.set(one.placeKind, [one]);
    else if (one.category === 'all') group.unshift(one);
    else group.push(one);
  }
  return kinds;
}
