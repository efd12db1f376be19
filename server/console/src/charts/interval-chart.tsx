import { measure } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { ChartFrame } from './frame.tsx';
import { amountScale } from './scale.ts';

/** A value with the bounds of its 95 % interval. */
export interface Interval {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

/** What is compared, at each of the places of the axis. */
export interface IntervalSeries {
  readonly name: string;
  readonly colour: number;
  readonly intervals: readonly (Interval | undefined)[];
}

const LEFT_PX = 128;
const RIGHT_PX = 16;
const ROW_PX = 20;
const GROUP_GAP_PX = 12;
const AXIS_PX = 24;

/** An interval in words. */
export function intervalText({ value, lower, upper }: Interval): string {
  return `${measure(value)} (${measure(lower)}–${measure(upper)})`;
}

/** Values with their intervals, beside each other in groups, from zero. */
export function IntervalChart({
  title,
  groups,
  series,
}: {
  title: string;
  groups: readonly string[];
  series: readonly IntervalSeries[];
}) {
  const groupPx = series.length * ROW_PX + GROUP_GAP_PX;
  const height = groups.length * groupPx + AXIS_PX;
  const text = (interval: Interval | undefined) =>
    interval === undefined ? t.notMeasured : intervalText(interval);
  const all = series.flatMap(({ intervals }) => intervals.map((interval) => interval?.upper ?? 0));
  return (
    <ChartFrame
      title={title}
      summary={series.map(({ name, intervals }) => `${name}: ${intervals.map(text).join(', ')}`).join('. ')}
      legend={series.map(({ name, colour }) => ({ name, colour }))}
      table={{
        heads: [t.models.measure, ...series.map(({ name }) => name)],
        rows: groups.map((group, n) => [group, ...series.map(({ intervals }) => text(intervals[n]))]),
      }}
      height={height}
    >
      {(fullWidth) => {
        const width = fullWidth - LEFT_PX - RIGHT_PX;
        const up = amountScale(Math.max(0, ...all), width);
        const x = (value: number) => width - up(Math.max(0, value));
        return (
          <g transform={`translate(${LEFT_PX} 0)`}>
            <g className="axes" aria-hidden="true">
              {up.ticks.map((tick) => (
                <g key={tick} transform={`translate(${x(tick)} 0)`}>
                  <line y2={height - AXIS_PX} className={tick === 0 ? 'base' : 'grid'} />
                  <text y={height - 8} textAnchor="middle">
                    {measure(tick)}
                  </text>
                </g>
              ))}
            </g>
            {groups.map((group, at) => (
              <g key={group} transform={`translate(0 ${at * groupPx + GROUP_GAP_PX / 2})`}>
                <text x={-10} y={(series.length * ROW_PX) / 2} dy="0.32em" textAnchor="end">
                  {group}
                </text>
                {series.map(({ name, colour, intervals }, n) => {
                  const interval = intervals[at];
                  if (interval === undefined) return null;
                  return (
                    <g
                      key={name}
                      className={`colour-${colour}`}
                      transform={`translate(0 ${n * ROW_PX + ROW_PX / 2})`}
                    >
                      <title>{`${name}, ${group}: ${intervalText(interval)}`}</title>
                      <line className="whisker" x1={x(interval.lower)} x2={x(interval.upper)} />
                      <circle className="dot" cx={x(interval.value)} r={4.5} />
                    </g>
                  );
                })}
              </g>
            ))}
          </g>
        );
      }}
    </ChartFrame>
  );
}
