import { axisTime, fullTime } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { ROOM, TICK_PX, TimeAxes } from './axes.tsx';
import { ChartFrame } from './frame.tsx';
import { amountScale, linePath, timeScale } from './scale.ts';

/** One line: its values at the chart's times; undefined where nothing was measured. */
export interface Line {
  readonly name: string;
  readonly colour: number;
  readonly values: readonly (number | undefined)[];
}

const HEIGHT = 190;

/** Lines over time, from zero. */
export function LineChart({
  title,
  timesMs,
  lines,
  format,
  axisFormat,
  whole = false,
}: {
  title: string;
  timesMs: readonly number[];
  lines: readonly Line[];
  format: (value: number) => string;
  /** The same in few letters. */
  axisFormat: (value: number) => string;
  whole?: boolean;
}) {
  const [fromMs = 0, toMs = 0] = [timesMs[0], timesMs.at(-1)];
  const spanMs = toMs - fromMs;
  const now = (line: Line) => line.values.findLast((value) => value !== undefined);
  const shown = (value: number | undefined) => (value === undefined ? t.notMeasured : format(value));
  const most = Math.max(0, ...lines.flatMap(({ values }) => values.filter((value) => value !== undefined)));
  return (
    <ChartFrame
      title={title}
      summary={lines.map((line) => `${line.name}: ${shown(now(line))}`).join('. ')}
      legend={lines.map((line) => ({ name: line.name, colour: line.colour, value: shown(now(line)) }))}
      table={{
        heads: [t.time, ...lines.map(({ name }) => name)],
        rows: timesMs.map((at, n) => [fullTime(at), ...lines.map(({ values }) => shown(values[n]))]),
      }}
      height={HEIGHT}
    >
      {(fullWidth) => {
        const width = fullWidth - ROOM.left - ROOM.right;
        const height = HEIGHT - ROOM.top - ROOM.bottom;
        const x = timeScale(fromMs, toMs, width, Math.max(2, Math.floor(width / TICK_PX)));
        const y = amountScale(most, height, whole);
        return (
          <g transform={`translate(${ROOM.left} ${ROOM.top})`}>
            <TimeAxes x={x} y={y} width={width} height={height} spanMs={spanMs} format={axisFormat} />
            {lines.map(({ name, colour, values }) => (
              <path
                key={name}
                className={`line colour-${colour}`}
                d={linePath(
                  timesMs.map((at, n) => [x(at), values[n] === undefined ? undefined : y(values[n])]),
                )}
              >
                <title>{`${name} ${axisTime(toMs, spanMs)}`}</title>
              </path>
            ))}
          </g>
        );
      }}
    </ChartFrame>
  );
}
