import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import { t } from '../texts/texts.ts';
import { useWidth } from './use-width.ts';

/** The numbers of a chart as a table, for who cannot see it. */
export interface ChartTable {
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** How many of the first columns are words, not numbers; 1 without. */
  readonly wordColumns?: number;
}

export interface LegendEntry {
  readonly name: string;
  /** Number of the colour, 1–7. */
  readonly colour: number;
  /** What it is now. */
  readonly value?: string;
}

/** Most rows of the table: the newest. */
const MAX_ROWS = 200;

/** A chart with what it shows in words, its legend, and its numbers as a table. */
export function ChartFrame({
  title,
  summary,
  legend,
  table,
  height,
  children,
}: {
  title: string;
  /** What the chart says, in a sentence. */
  summary: string;
  legend?: readonly LegendEntry[];
  table: ChartTable;
  height: number;
  children: (width: number) => ReactNode;
}) {
  const id = useId();
  const [box, width] = useWidth<HTMLDivElement>();
  return (
    <figure className="chart">
      {legend !== undefined && (
        <ul className="legend">
          {legend.map(({ name, colour, value }) => (
            <li key={name}>
              <span className={`legend-mark colour-${colour}`} aria-hidden="true" />
              {name}
              {value !== undefined && <strong>{value}</strong>}
            </li>
          ))}
        </ul>
      )}
      <div ref={box} style={{ height }}>
        {width > 0 && (
          <svg
            role="img"
            aria-labelledby={`${id}-title ${id}-desc`}
            width={width}
            height={height}
            viewBox={`0 0 ${width} ${height}`}
          >
            <title id={`${id}-title`}>{title}</title>
            <desc id={`${id}-desc`}>{summary}</desc>
            {children(width)}
          </svg>
        )}
      </div>
      <ChartNumbers title={title} table={table} />
    </figure>
  );
}

function ChartNumbers({ title, table }: { title: string; table: ChartTable }) {
  // Hundreds of rows that nobody asked for would be drawn anew with every look.
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="chart-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t.asTable}</summary>
      <div className="table-scroll" tabIndex={0} role="region" aria-label={title}>
        <table className="table">
          <thead>
            <tr>
              {table.heads.map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {(isOpen ? table.rows.slice(-MAX_ROWS) : []).map((row) => (
              <tr key={row[0]}>
                {row.map((cell, n) => (
                  <td key={table.heads[n]} className={n < (table.wordColumns ?? 1) ? undefined : 'numeric'}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
