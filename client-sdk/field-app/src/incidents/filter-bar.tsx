import { useState } from 'react';
import { t } from '../texts/texts.ts';
import { Segmented } from '../ui/segmented.tsx';
import { choose, useChoice } from './filter-store.ts';
import { FilterSheet } from './filter-sheet.tsx';
import { PERIODS, filtersInUse } from './filters.ts';
import type { Period } from './filters.ts';

const PERIOD_NAMES: Record<Period, string> = {
  day: t.periodDay,
  week: t.periodWeek,
  month: t.incidentsView.periodMonth,
  all: t.periodAll,
};
/** How many incidents there are, of which time, and the way to the filters. */
export function FilterBar({ total }: { total: number | undefined }) {
  const { filters } = useChoice();
  const [open, setOpen] = useState(false);
  return (
    <div className="filter-bar">
      <div className="filter-line">
        <p className="pane-count" aria-live="polite">
          {total === undefined ? t.incidentsLoading : t.incidentCount(total)}
        </p>
        <button
          type="button"
          className="button button-quiet button-small"
          aria-haspopup="dialog"
          onClick={() => setOpen(true)}
        >
          {t.incidentsView.filtersInUse(filtersInUse(filters))}
        </button>
      </div>
      <Segmented
        legend={t.period}
        hideLegend
        className="segmented-small filter-period"
        segments={PERIODS.map((value) => ({ value, label: PERIOD_NAMES[value] }))}
        value={filters.period}
        onChange={(period) => choose({ filters: { ...filters, period } })}
      />
      {open && <FilterSheet total={total ?? 0} onClose={() => setOpen(false)} />}
    </div>
  );
}
