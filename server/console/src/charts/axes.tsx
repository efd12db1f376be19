import { axisTime, count } from '../texts/format.ts';
import type { Scale } from './scale.ts';

/** Room for the words of the axes, in pixels. */
export const ROOM = { left: 52, right: 12, top: 8, bottom: 22 } as const;
/** Room that a tick's word takes of the axis of time, in pixels. */
export const TICK_PX = 96;

/** Lines and words of both axes of a chart over time. */
export function TimeAxes({
  x,
  y,
  width,
  height,
  spanMs,
  format = count,
}: {
  x: Scale;
  y: Scale;
  width: number;
  height: number;
  spanMs: number;
  format?: (value: number) => string;
}) {
  return (
    <g aria-hidden="true" className="axes">
      {y.ticks.map((tick) => (
        <g key={tick} transform={`translate(0 ${y(tick)})`}>
          <line x1={0} x2={width} className={tick === 0 ? 'base' : 'grid'} />
          <text x={-8} dy="0.32em" textAnchor="end">
            {format(tick)}
          </text>
        </g>
      ))}
      {x.ticks.map((tick) => (
        <text key={tick} x={x(tick)} y={height + 16} textAnchor="middle">
          {axisTime(tick, spanMs)}
        </text>
      ))}
    </g>
  );
}
