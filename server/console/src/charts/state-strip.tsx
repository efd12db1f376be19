import { duration, fullTime } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { ROOM, TICK_PX, TimeAxes } from './axes.tsx';
import { ChartFrame } from './frame.tsx';
import { amountScale, timeScale } from './scale.ts';

/** A time in which one state held. Those that stand out are taller, so that they are seen without their colours. */
export interface StateSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly name: string;
  readonly colour: number;
  readonly standsOut: boolean;
}

const STRIP_PX = 34;
const LOW_PX = 12;
const HEIGHT = STRIP_PX + ROOM.top + ROOM.bottom;
/** Space that tells two states apart, whatever their colours. */
const GAP_PX = 1;

/** Which state held when, along one line of time. */
export function StateStrip({
  title,
  spans,
  legend,
  summary,
}: {
  title: string;
  spans: readonly StateSpan[];
  /** All states there are, the best first. */
  legend: readonly { readonly name: string; readonly colour: number }[];
  summary: string;
}) {
  const [fromMs = 0, toMs = 0] = [spans[0]?.fromMs, spans.at(-1)?.toMs];
  const shown = legend.filter(({ name }) => spans.some((span) => span.name === name));
  return (
    <ChartFrame
      title={title}
      summary={summary}
      legend={shown}
      table={{
        heads: [t.from, t.state, t.lasted],
        wordColumns: 2,
        rows: spans.map((span) => [fullTime(span.fromMs), span.name, duration(span.toMs - span.fromMs)]),
      }}
      height={HEIGHT}
    >
      {(fullWidth) => {
        const width = fullWidth - ROOM.left - ROOM.right;
        const x = timeScale(fromMs, toMs, width, Math.max(2, Math.floor(width / TICK_PX)));
        const y = Object.assign(amountScale(1, STRIP_PX), { ticks: [] });
        return (
          <g transform={`translate(${ROOM.left} ${ROOM.top})`}>
            {spans.map((span) => (
              <rect
                key={span.fromMs}
                className={`bar colour-${span.colour}`}
                x={x(span.fromMs)}
                y={span.standsOut ? 0 : STRIP_PX - LOW_PX}
                width={Math.max(1, x(span.toMs) - x(span.fromMs) - GAP_PX)}
                height={span.standsOut ? STRIP_PX : LOW_PX}
              >
                <title>{`${span.name}, ${fullTime(span.fromMs)} – ${fullTime(span.toMs)}`}</title>
              </rect>
            ))}
            <TimeAxes x={x} y={y} width={width} height={STRIP_PX} spanMs={toMs - fromMs} />
          </g>
        );
      }}
    </ChartFrame>
  );
}
