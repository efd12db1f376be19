/**
 * Bands of risk, defined here and nowhere else. A row's band says how its expected count compares with the mean of its region:
 * of all windows ahead and all forecast places of the same kind and category there. So a place may have band 5 on a
 * Friday night and band 2 on a Monday morning, and in a quiet county band 5 may still be a small number.
 */
export const RISK_BANDS = [
  { band: 1, from: 0, en: 'Well below the average', sv: 'Klart under genomsnittet' },
  { band: 2, from: 0.5, en: 'About average', sv: 'Ungefär genomsnittet' },
  { band: 3, from: 1.5, en: 'Above the average', sv: 'Över genomsnittet' },
  { band: 4, from: 3, en: 'High', sv: 'Hög' },
  { band: 5, from: 6, en: 'Very high', sv: 'Mycket hög' },
] as const;

export type RiskBand = (typeof RISK_BANDS)[number]['band'];

/** The band of an expected count beside the mean of its region, both of the same unit; 1 where the mean is 0. */
export function bandOf(expected: number, mean: number): RiskBand {
  const ratio = mean > 0 ? expected / mean : 0;
  return RISK_BANDS.findLast(({ from }) => ratio >= from)?.band ?? 1;
}
