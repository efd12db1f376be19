import { cellToBoundary } from 'h3-js';
import type { MapPlace } from './evaluate-series.ts';

const WIDTH = 420;
const HEIGHT = 300;
const MARGIN = { left: 48, right: 12, top: 24, bottom: 36 };

/** One line of a plot. */
export interface Line {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

interface Axes {
  readonly x: string;
  readonly y: string;
  readonly isLog?: boolean;
}

/** Lines over two axes, as SVG. */
export function linePlot(title: string, lines: readonly Line[], axes: Axes): string {
  const all = lines.flatMap(({ points }) => points);
  const scale = (values: readonly number[], from: number, to: number) => {
    const of = axes.isLog === true ? Math.log : (value: number) => value;
    const [low, high] = [axes.isLog === true ? Math.min(...values) : 0, Math.max(...values)];
    return {
      low,
      high,
      at: (value: number) => from + ((of(value) - of(low)) / (of(high) - of(low) || 1)) * (to - from),
    };
  };
  const x = scale(
    all.map(([value]) => value),
    MARGIN.left,
    WIDTH - MARGIN.right,
  );
  const y = scale(
    all.map(([, value]) => value),
    HEIGHT - MARGIN.bottom,
    MARGIN.top,
  );
  const paths = lines.map(({ colour, points }) => {
    const path = points.map(([px, py]) => `${x.at(px).toFixed(1)},${y.at(py).toFixed(1)}`).join(' ');
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`;
  });
  const legend = lines.map(
    ({ name, colour }, n) =>
      `<text x="${WIDTH - MARGIN.right - 130}" y="${MARGIN.top + 14 * (n + 1)}" style="fill:${colour}">${name}</text>`,
  );
  const number = (value: number) => Number(value.toPrecision(2)).toString();
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
<text x="${MARGIN.left}" y="14" style="font-weight:600">${title}</text>
<path d="M${MARGIN.left} ${MARGIN.top}V${HEIGHT - MARGIN.bottom}H${WIDTH - MARGIN.right}" fill="none" stroke="#999"/>
<text x="${MARGIN.left}" y="${HEIGHT - MARGIN.bottom + 14}">${number(x.low)}</text>
<text x="${WIDTH - MARGIN.right}" y="${HEIGHT - MARGIN.bottom + 14}" text-anchor="end">${number(x.high)}</text>
<text x="${(WIDTH + MARGIN.left) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${axes.x}</text>
<text x="${MARGIN.left - 4}" y="${HEIGHT - MARGIN.bottom}" text-anchor="end">${number(y.low)}</text>
<text x="${MARGIN.left - 4}" y="${MARGIN.top + 8}" text-anchor="end">${number(y.high)}</text>
<text transform="translate(12 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">${axes.y}</text>
${paths.join('\n')}
${legend.join('\n')}
</svg>`;
}

/** Places coloured by what was expected; a ring for each in which something came. Municipalities are points. */
export function mapPlot(title: string, places: readonly MapPlace[]): string {
  const [south, north] = middle(places.map(({ lat }) => lat));
  const [west, east] = middle(places.map(({ lon }) => lon));
  const narrow = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const step = Math.min((HEIGHT - 40) / (north - south || 1), (WIDTH - 20) / ((east - west) * narrow || 1));
  const at = (lat: number, lon: number) =>
    [10 + (lon - west) * narrow * step, 30 + (north - lat) * step].map((value) => value.toFixed(1)) as [
      string,
      string,
    ];
  const highest = Math.max(...places.map(({ expected }) => expected), Number.MIN_VALUE);
  const shapes = places.map(({ id, lat, lon, expected }) => {
    const opacity = Math.max(0.04, Math.sqrt(expected / highest)).toFixed(2);
    if (id.length < 15) {
      const [cx, cy] = at(lat, lon);
      return `<circle cx="${cx}" cy="${cy}" r="3" fill="#b3001b" fill-opacity="${opacity}"/>`;
    }
    const corners = cellToBoundary(id).map(([cornerLat, cornerLon]) => at(cornerLat, cornerLon).join(','));
    return `<polygon points="${corners.join(' ')}" fill="#b3001b" fill-opacity="${opacity}"/>`;
  });
  const rings = places
    .filter(({ seen }) => seen > 0)
    .map(({ lat, lon, seen }) => {
      const [cx, cy] = at(lat, lon);
      return `<circle cx="${cx}" cy="${cy}" r="${(0.5 + Math.sqrt(seen)).toFixed(1)}" fill="none" stroke="#0b5fff" stroke-width="0.7"/>`;
    });
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
<text x="10" y="14" style="font-weight:600">${title}</text>
${shapes.join('')}${rings.join('')}
</svg>`;
}

/** The ends of the middle 98 %: a position that was typed wrong would make the city a speck. */
function middle(values: readonly number[]): readonly [from: number, to: number] {
  const sorted = values.toSorted((a, b) => a - b);
  return [sorted[Math.floor(sorted.length * 0.01)]!, sorted[Math.ceil(sorted.length * 0.99) - 1]!];
}
