/** The map's colours, the same tokens as the rest of the app. */
export interface Palette {
  readonly sea: string;
  readonly land: string;
  readonly landHere: string;
  readonly border: string;
  readonly borderHere: string;
  readonly dot: string;
  readonly ink: string;
  readonly halo: string;
  readonly accent: string;
  /** Severities 1–5. */
  readonly severities: readonly string[];
  /** Bands of risk 1–5. */
  readonly risks: readonly string[];
}

/** Reads the tokens of the colour scheme in use: the map draws on a canvas, which knows no CSS. */
export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    sea: token('map-sea'),
    land: token('map-land'),
    landHere: token('map-land-here'),
    border: token('map-border'),
    borderHere: token('map-border-here'),
    dot: token('map-dot'),
    ink: token('ink'),
    halo: token('surface'),
    accent: token('accent'),
    severities: [1, 2, 3, 4, 5].map((severity) => token(`severity-${severity}`)),
    risks: [1, 2, 3, 4, 5].map((band) => token(`risk-${band}`)),
  };
}
