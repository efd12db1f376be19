import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { Column } from './table.tsx';
import { Icon } from './icon.tsx';
import type { Sorting } from './sorting.ts';

/** Height of a row in CSS pixels; all are equally high, so that none has to be measured. */
const ROW_PX = 41;
/** Rows drawn beyond either edge. */
const OVERSCAN = 12;

/** A column that the table may be sorted by, and how wide it is (a track of CSS grid). */
export interface LongColumn<Row> extends Column<Row> {
  readonly width: string;
  readonly sortable?: boolean;
}

/**
 * A table of any length: only the rows in sight are in the document. For assistive technology it is a table of all its
 * rows (`aria-rowcount`), each with its place.
 */
export function LongTable<Row>({
  label,
  columns,
  rows,
  keyOf,
  sorting,
  onSort,
}: {
  label: string;
  columns: readonly LongColumn<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  sorting: Sorting;
  onSort: (by: string) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const template = columns.map(({ width }) => width).join(' ');
  // eslint-disable-next-line react-hooks/incompatible-library -- the library's functions change with each scroll; nothing here is memoised by hand
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    getItemKey: (index) => keyOf(rows[index]!),
  });
  return (
    <div className="long" ref={box} tabIndex={0} role="region" aria-label={label}>
      <div className="long-table" role="table" aria-label={label} aria-rowcount={rows.length + 1}>
        <div role="rowgroup" className="long-head-group">
          <div
            role="row"
            aria-rowindex={1}
            className="long-row long-head"
            style={{ gridTemplateColumns: template }}
          >
            {columns.map((column) => (
              <Head key={column.key} column={column} sorting={sorting} onSort={onSort} />
            ))}
          </div>
        </div>
        <div role="rowgroup" className="long-body" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, key, start }) => {
            const row = rows[index]!;
            const place = {
              transform: `translateY(${start}px)`,
              height: ROW_PX,
              gridTemplateColumns: template,
            };
            return (
              <div key={key} role="row" aria-rowindex={index + 2} className="long-row" style={place}>
                {columns.map(({ key: name, cell, numeric }) => (
                  <div key={name} role="cell" className={numeric === true ? 'cell numeric' : 'cell'}>
                    {cell(row)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Head<Row>({
  column: { key, head, numeric, sortable },
  sorting,
  onSort,
}: {
  column: LongColumn<Row>;
  sorting: Sorting;
  onSort: (by: string) => void;
}) {
  const className = numeric === true ? 'cell numeric' : 'cell';
  if (sortable !== true) {
    return (
      <div role="columnheader" className={className}>
        {head}
      </div>
    );
  }
  const isBy = sorting.by === key;
  const direction = sorting.descending ? 'descending' : 'ascending';
  return (
    <div role="columnheader" className={className} aria-sort={isBy ? direction : 'none'}>
      <button type="button" className="sort" onClick={() => onSort(key)}>
        {head}
        {isBy && <Icon name={sorting.descending ? 'down' : 'up'} size={14} />}
      </button>
    </div>
  );
}
