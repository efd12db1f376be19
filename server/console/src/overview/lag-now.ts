import type { Overview } from '@halo/shapes/protocol/inspector.ts';

/** Of the instance that is furthest behind, in seconds; where one is not known the whole is not. */
export function lagNow({ instances }: Pick<Overview, 'instances'>): number | null {
  const lags = instances.filter(({ state }) => state !== 'gone').map(({ lagSeconds }) => lagSeconds);
  return lags.length === 0 || lags.includes(null) ? null : Math.max(...lags.map((lag) => lag ?? 0));
}
