import { count, measure } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { ROOM } from './axes.tsx';
import { ChartFrame } from './frame.tsx';
import { amountScale } from './scale.ts';

/** Rows that were expected to have about so many, and what they had. */
export interface Reliability {
  readonly expected: number;
  readonly seen: number;
  readonly rows: number;
}

const HEIGHT = 240;

/** Expected against seen; on the line they are equal. */
export function ReliabilityChart({ title, points }: { title: string; points: readonly Reliability[] }) {
  const most = Math.max(0, ...points.flatMap(({ expected, seen }) => [expected, seen]));
  return (
    <ChartFrame
      title={title}
      summary={t.models.reliabilityLead}
      table={{
        heads: [t.models.expected, t.models.seen, t.models.rowsOf],
        rows: points.map(({ expected, seen, rows }) => [measure(expected), measure(seen), count(rows)]),
      }}
      height={HEIGHT}
    >
      {(fullWidth) => {
        const width = Math.min(fullWidth, 420) - ROOM.left - ROOM.right;
        const height = HEIGHT - ROOM.top - 36;
        const y = amountScale(most, height);
        const across = amountScale(most, width);
        const x = (value: number) => width - across(value);
        const end = y.ticks.at(-1) ?? 1;
        return (
          <g transform={`translate(${ROOM.left} ${ROOM.top})`}>
            <g className="axes" aria-hidden="true">
              {y.ticks.map((tick) => (
                <g key={tick}>
                  <line
                    x1={0}
                    x2={width}
                    y1={y(tick)}
                    y2={y(tick)}
                    className={tick === 0 ? 'base' : 'grid'}
                  />
                  <text x={-8} y={y(tick)} dy="0.32em" textAnchor="end">
                    {measure(tick)}
                  </text>
                  <text x={x(tick)} y={height + 16} textAnchor="middle">
                    {measure(tick)}
                  </text>
                </g>
              ))}
              <text x={width / 2} y={height + 32} textAnchor="middle">
                {t.models.expected}
              </text>
              <line x1={x(0)} y1={y(0)} x2={x(end)} y2={y(end)} className="ideal" />
            </g>
            {points.map(({ expected, seen, rows }) => (
              <circle
                key={`${expected} ${seen}`}
                className="dot colour-1"
                cx={x(expected)}
                cy={y(seen)}
                r={5}
              >
                <title>{`${t.models.expected} ${measure(expected)}, ${t.models.seen} ${measure(seen)}, ${count(rows)}`}</title>
              </circle>
            ))}
          </g>
        );
      }}
    </ChartFrame>
  );
}
