import type { EvaluationAnswer } from '@halo/shapes/protocol/predictions.ts';
import type { SeriesAnswer } from './verdict.ts';

/** A test, and of what it is. */
export interface ShownTest {
  /**
   * `since`: of who speaks, when a newer model was tested beside it; `own`: of who speaks, the test by which it was judged;
   * `unused`: of the newest model, which is not in use.
   */
  readonly of: 'since' | 'own' | 'unused';
  /** When it was made. */
  readonly at: string;
  readonly evaluation: EvaluationAnswer;
}

/** The tests that tell how good it is, the newest first; none where nothing was tested. */
export function testsOf(series: SeriesAnswer): readonly ShownTest[] {
  const { champion, latest } = series;
  if (champion.kind === 'baseline') {
    if (latest?.evaluation == null) return [];
    return [{ of: 'unused', at: latest.trainedAt, evaluation: latest.evaluation }];
  }
  const since = testSince(series);
  const own = champion.evaluation;
  return [
    ...(since === undefined ? [] : [since]),
    ...(own === null ? [] : [{ of: 'own' as const, at: champion.trainedAt, evaluation: own }]),
  ];
}

/** How who speaks fared in the test of the newest model, whose rival it was. */
function testSince({ champion, since, latest }: SeriesAnswer): ShownTest | undefined {
  if (latest?.evaluation == null || latest.id === champion.id) return undefined;
  // Otherwise the rival was whoever spoke then.
  if (Date.parse(since) > Date.parse(latest.cutOff)) return undefined;
  const { champion: scores, ...rivals } = latest.evaluation.rivals;
  if (scores === undefined) return undefined;
  // The differences are the newest model's: of this one nobody has reckoned any.
  const evaluation = { ...latest.evaluation, model: scores, rivals, differences: [] };
  return { of: 'since', at: latest.trainedAt, evaluation };
}
