/** What is forecast: all types together, and groups of them. */
export const RISK_CATEGORIES = [
  'all',
  'burglary',
  'theft',
  'vehicle_theft',
  'violence',
  'vandalism',
  'traffic',
  'fire',
] as const;

export type RiskCategory = (typeof RISK_CATEGORIES)[number];

/** Kinds of place that forecasts are served of: H3 cells of resolution 9, and municipalities. */
export const SERVED_PLACE_KINDS = ['cell-9', 'municipality'] as const;

export type ServedPlaceKind = (typeof SERVED_PLACE_KINDS)[number];
