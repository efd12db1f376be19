import { RISK_CATEGORIES, SERVED_PLACE_KINDS } from '@halo/shapes/taxonomy/risk-categories.ts';
import type { RiskCategory, ServedPlaceKind } from '@halo/shapes/taxonomy/risk-categories.ts';
import type { Pool } from '../db/pool.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { ChampionTest, Evaluation, GateDecision, PlaceKind } from './forecast.ts';
import type { Histories } from './open-history.ts';

/** Zone whose wall clock says when windows begin. */
export const ZONE = 'Europe/Stockholm';

/** A series that is served. */
export interface ServedSeries {
  readonly placeKind: ServedPlaceKind;
  readonly category: RiskCategory;
}

/** All series that are trained and served. */
export const SERVED_SERIES: readonly ServedSeries[] = SERVED_PLACE_KINDS.flatMap((placeKind) =>
  RISK_CATEGORIES.map((category) => ({ placeKind, category })),
);

/** Decides by a trained model's test what becomes of it, beside what is served now: the champion, or the baseline where there is none. */
export type Decide = (
  evaluation: Evaluation,
  context: { readonly champion: ChampionTest | undefined; readonly placeKind: PlaceKind },
) => GateDecision;

/** What predictions are made with. */
export interface PredictionParts {
  readonly pool: Pool;
  readonly histories: Histories;
  readonly decide: Decide;
  /** Is told of each artefact that could not be used. */
  readonly onUnusable: () => void;
  /** Makes a UUIDv7. */
  readonly newId: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
}
