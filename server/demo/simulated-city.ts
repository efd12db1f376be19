/** How a simulated city behaves. */
export interface SelfExcitingRules {
  readonly centre: { readonly lat: number; readonly lon: number };
  /** The city is the H3 cells of this resolution within so many rings of its centre. */
  readonly resolution: number;
  readonly rings: number;
  /** Incidents of a day in the whole city that nothing has led to. */
  readonly backgroundPerDay: number;
  /** How many incidents each one leads to on average: below 1, or there would be no end. */
  readonly offspring: number;
  /** Mean days from an incident to those that it leads to; half of them in its own cell, the others next to it. */
  readonly meanDelayDays: number;
  readonly from: Date;
  readonly days: number;
}

/** A cell of the city: what happens there of itself, and when. */
export interface CityCell {
  readonly id: string;
  readonly lat: number;
  readonly lon: number;
  /** Expected incidents of a day that nothing has led to. */
  readonly background: number;
  /** Shares of the day's four windows, from midnight of UTC: some cells are busy at night, others at noon. */
  readonly hours: readonly [number, number, number, number];
}

/** One incident: the cell's number, and when. */
export interface CityIncident {
  readonly cell: number;
  readonly atMs: number;
}

/** A simulated city whose true rates are known. */
export interface SelfExcitingCity {
  readonly cells: readonly CityCell[];
  /** By time. */
  readonly incidents: readonly CityIncident[];
  /**
   * What is truly to be expected in a cell in the six hours that begin at `windowMs`, given what has happened before `knownMs`: its
   * background, what the known incidents will lead to, and what all those that are still to come will.
   */
  expected(cell: number, windowMs: number, knownMs: number): number;
}
