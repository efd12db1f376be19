import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';

/** A window of a forecast in hours of the zone's wall clock: a day has four, the first begins at midnight. */
export const WINDOW_HOURS = 6;
/** How many windows a forecast holds: seven days. */
export const WINDOWS_AHEAD = 28;

/** Forecasts are kept of at most this many places of a region: those in which most is expected in the whole week. */
export const MAX_PLACES_A_REGION = 500;

/** What kind of place is forecast: H3 cells of a resolution, or municipalities. */
export type PlaceKind = 'cell-9' | 'cell-10' | 'municipality';

/** What is forecast together: one kind of place and one category of incidents. Each has models of its own. */
export interface Series {
  readonly placeKind: PlaceKind;
  readonly category: string;
}

/** A place that is forecast. */
export interface Place {
  /** Index of an H3 cell, or a municipality's code. */
  readonly id: string;
  /** Its centre, WGS84 degrees. */
  readonly lat: number;
  readonly lon: number;
  /** Code of its county; null where it lies in none that is known. */
  readonly region: string | null;
}

/**
 * What was known, and when: the incidents of each place, all types, in the order of `occurredAt`. Times are milliseconds
 * since 1970 in UTC. The four arrays have one entry for each incident.
 */
export interface History {
  readonly places: readonly Place[];
  /** Index into `places`. */
  readonly place: Int32Array;
  readonly occurredAt: Float64Array;
  /** From when the server knew it: nothing that is made at a cut-off looks at what was known later. */
  readonly knownAt: Float64Array;
  /** Index into the taxonomy's list of types. */
  readonly type: Uint8Array;
  /** IANA name of the zone whose wall clock says which window and weekday it is. */
  readonly zone: string;
}

/** A trained model: an ONNX graph and what must be known to feed it. */
export interface Artefact {
  readonly series: Series;
  /** Version of the features that the graph was trained on; another version cannot score it. */
  readonly featuresVersion: number;
  /** The ONNX file. */
  readonly onnx: Uint8Array;
  /** SHA-256 of `onnx`, in hexadecimal digits. */
  readonly sha256: string;
}

/** The expected number of incidents of one place in one window. */
export interface PlaceForecast {
  /** Index into the history's places. */
  readonly place: number;
  readonly windowStart: Date;
  readonly windowEnd: Date;
  /** Expected count. */
  readonly expected: number;
  /**
   * Bounds of an interval of the expected count that is made to hold the true one in 80 % of cases; docs/predictions.md tells how often
   * it does.
   */
  readonly lower: number;
  readonly upper: number;
  /** What raises or lowers it most, the strongest first. */
  readonly reasons: readonly Reason[];
}

/** One reason of a forecast: a feature, in a stable code that clients put into words. */
export interface Reason {
  readonly code: string;
  /** What the feature multiplies the expected count by; over 1 raises it. */
  readonly factor: number;
}

/** An estimate with the bounds of its bootstrap 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

/** How much area is chosen: a share of the places in percent, or a fixed area of cells. */
export type AreaChosen = '1' | '2' | '3' | '5' | '7' | '10' | '15' | '20' | '0.65 km²';

/** How good one way of forecasting was in the weeks of a test. */
export interface Scores {
  /** PAI, the share of incidents found over the share of the area, the places being chosen anew for each window. */
  readonly pai: Readonly<Partial<Record<AreaChosen, Estimate>>>;
  /** PEI: PAI over the best that was possible with the same area. */
  readonly pei: Readonly<Partial<Record<AreaChosen, Estimate>>>;
  /** PAI of places that are chosen once for the whole week. */
  readonly weekPai: Readonly<Partial<Record<AreaChosen, Estimate>>>;
  /** Mean Poisson deviance of a place and window; smaller is better. */
  readonly deviance: Estimate;
  /** Brier score of "at least one incident". */
  readonly brier: Estimate;
}

/** What a model is compared with: three baselines, and the model in use. */
export type RivalName = 'count-365' | 'decayed-count' | 'space-time-kde' | 'champion';

/** How much better than a rival a model was, in the same weeks: positive is better, for deviance too. */
export interface Difference {
  readonly rival: RivalName;
  readonly pai: Readonly<Partial<Record<AreaChosen, Estimate>>>;
  readonly weekPai: Readonly<Partial<Record<AreaChosen, Estimate>>>;
  readonly deviance: Estimate;
}

/** A test over rolling weekly origins: what was forecast from what was known, against what came. */
export interface Evaluation {
  /** The first and the last origin, and how many. */
  readonly from: Date;
  readonly to: Date;
  readonly origins: number;
  /** Incidents in the weeks of the test. */
  readonly incidents: number;
  readonly places: number;
  readonly model: Scores;
  readonly rivals: Readonly<Partial<Record<RivalName, Scores>>>;
  readonly differences: readonly Difference[];
  readonly reliability: readonly {
    readonly expected: number;
    readonly seen: number;
    readonly rows: number;
  }[];
}

/** What a test says of the model in use, beside what `Evaluation` says of it where it knew nothing of all the weeks. */
export interface ChampionTest {
  /** Whether it was learnt in the same way as the new one: then what is tested is how both are learnt. */
  readonly isSameProcedure: boolean;
  /**
   * How much better its deviance was than that of the count of 365 days, which would be served in its place, in the weeks of the test after
   * its own cut-off; undefined where those are too few.
   */
  readonly overCount365: Estimate | undefined;
}

/** What a training run made. */
export interface Trained {
  readonly artefact: Artefact;
  readonly cutOff: Date;
  readonly samples: {
    readonly incidents: number;
    readonly places: number;
    /** Place-windows that were learnt from. */
    readonly rows: number;
    readonly trees: number;
  };
  readonly evaluation: Evaluation;
  /** Of the champion that was given; undefined where none was. */
  readonly champion: ChampionTest | undefined;
}

/** Why nothing was trained: too little is known. */
export interface TooLittle {
  readonly tooLittle: string;
}

/** How far a run is: a step in words, and the share of the whole that is done. */
export type OnProgress = (step: string, share: number) => void;

/** Types of a category. */
export type CategoryTypes = ReadonlySet<IncidentType>;

/** A way to train, test and score. Every method rejects with the signal's reason where it has aborted. */
export interface Forecaster {
  /**
   * Trains a model of what was known at the cut-off and tests its twin, which knows nothing of the test's weeks, against
   * the baselines and the champion, where there is one.
   */
  train(
    history: History,
    series: Series,
    cutOff: Date,
    champion: { readonly artefact: Artefact; readonly cutOff: Date } | undefined,
    onProgress: OnProgress,
    signal: AbortSignal,
  ): Promise<Trained | TooLittle>;
  /**
   * Forecasts the next windows, the one under way first, of each place. Without an artefact the baseline speaks: the count of
   * the last 365 days, spread over the week as all incidents are, set and as sure of itself as the last weeks bear out. Rejects with
   * `artefact_unusable` when the artefact is damaged, with `features_differ` when it is of other features, and with `onnx_runtime_failed` when it could not be opened here and now.
   */
  score(
    history: History,
    series: Series,
    cutOff: Date,
    artefact: Artefact | undefined,
    signal: AbortSignal,
  ): Promise<readonly PlaceForecast[]>;
}

/** What the gate decides about a trained model. */
export interface GateDecision {
  readonly decision: 'promoted' | 'kept' | 'baseline';
  /** Why, in one sentence with the numbers that decided. */
  readonly reason: string;
}
