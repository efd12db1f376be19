import { count, fullTime } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { ROOM, TICK_PX, TimeAxes } from './axes.tsx';
import { ChartFrame } from './frame.tsx';
import { amountScale, timeScale } from './scale.ts';

/** One part of each bar. */
export interface Stack {
  readonly name: string;
  readonly colour: number;
  readonly values: readonly number[];
}

const HEIGHT = 190;
/** Room between bars, in pixels; bars that are not much wider than it have none. */
const GAP_PX = 2;
const GAP_FROM_PX = 6;

/** Counts by kind in equal steps of time, one bar each. */
export function StackedBars({
  title,
  timesMs,
  stepMs,
  stacks,
  summary,
}: {
  title: string;
  /** When each bar begins. */
  timesMs: readonly number[];
  stepMs: number;
  stacks: readonly Stack[];
  summary: string;
}) {
  const [fromMs = 0, lastMs = 0] = [timesMs[0], timesMs.at(-1)];
  const toMs = lastMs + stepMs;
  const sums = timesMs.map((_, n) => stacks.reduce((sum, { values }) => sum + (values[n] ?? 0), 0));
  const total = ({ values }: Stack) => count(values.reduce((sum, value) => sum + value, 0));
  return (
    <ChartFrame
      title={title}
      summary={summary}
      legend={stacks.map((stack) => ({ name: stack.name, colour: stack.colour, value: total(stack) }))}
      table={{
        heads: [t.time, ...stacks.map(({ name }) => name)],
        rows: timesMs.map((at, n) => [fullTime(at), ...stacks.map(({ values }) => count(values[n] ?? 0))]),
      }}
      height={HEIGHT}
    >
      {(fullWidth) => {
        const width = fullWidth - ROOM.left - ROOM.right;
        const height = HEIGHT - ROOM.top - ROOM.bottom;
        const x = timeScale(fromMs, toMs, width, Math.max(2, Math.floor(width / TICK_PX)));
        const y = amountScale(Math.max(0, ...sums), height, true);
        const stepPx = x(fromMs + stepMs);
        const gapPx = stepPx < GAP_FROM_PX ? 0 : GAP_PX;
        const barPx = stepPx - gapPx;
        return (
          <g transform={`translate(${ROOM.left} ${ROOM.top})`}>
            <TimeAxes x={x} y={y} width={width} height={height} spanMs={toMs - fromMs} />
            {timesMs.map((at, n) => {
              let below = 0;
              return (
                <g key={at} transform={`translate(${x(at) + gapPx / 2} 0)`}>
                  {stacks.map(({ name, colour, values }) => {
                    const value = values[n] ?? 0;
                    const top = y(below + value);
                    const tall = y(below) - top;
                    below += value;
                    if (value === 0) return null;
                    return (
                      <rect key={name} className={`bar colour-${colour}`} y={top} width={barPx} height={tall}>
                        <title>{`${name}: ${count(value)}, ${fullTime(at)}`}</title>
                      </rect>
                    );
                  })}
                </g>
              );
            })}
          </g>
        );
      }}
    </ChartFrame>
  );
}
