import type { ServedPlaceKind } from '@halo/shapes/taxonomy/risk-categories.ts';
import type { Artefact, OnProgress, TooLittle, Trained } from './forecast.ts';
import type { Speaker } from './prediction-store.ts';

/** A model in use that a new one is compared with. */
export interface Champion {
  readonly artefact: Artefact;
  readonly cutOff: Date;
}

/**
 * What was known at a cut-off of one kind of place, read once and held where it is learnt from. One call at a time; all reject
 * with the signal's reason when that of `open` aborts.
 */
export interface OpenHistory {
  /** How many incidents it holds. */
  readonly incidents: number;
  /** Trains a model of a category and tests it, as `Forecaster.train` says. */
  train(
    category: string,
    champion: Champion | undefined,
    onProgress: OnProgress,
  ): Promise<Trained | TooLittle>;
  /**
   * Scores the speaker's series by an artefact, or by the baseline without one, and drafts what comes of it for a run: all of it or
   * nothing. Where nothing has happened nothing is said, rather than that nothing will. Rejects as
   * `Forecaster.score` says, and with `forecast_invalid`.
   */
  draft(runId: string, speaker: Speaker, artefact: Artefact | undefined): Promise<void>;
  /** Lets it go. What was under way ends. */
  close(): Promise<void>;
}

/** Opens histories. */
export interface Histories {
  /** @throws HaloError `history_too_large` */
  open(placeKind: ServedPlaceKind, cutOff: Date, signal: AbortSignal): Promise<OpenHistory>;
}
