import { useState } from 'react';
import { locatePerson } from '../report/locate.ts';
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
const SORTS = [
  { value: 'newest', label: t.incidentsView.newest },
  { value: 'nearest', label: t.incidentsView.nearest },
] as const;

/** How many incidents there are, of which time, in which order, and the way to the filters. */
export function FilterBar({ total, sorts = false }: { total: number | undefined; sorts?: boolean }) {
  const { filters } = useChoice();
  const [open, setOpen] = useState(false);
  return (
    <div className="filter-bar">
      <div className="filter-line">
        <p className="pane-count" aria-live="polite">
          {total === undefined ? t.incidentsLoading : t.incidentCount(total)}
        </p>
        {sorts && <SortChoice />}
      </div>
      <div className="filter-line">
        <Segmented
          legend={t.period}
          hideLegend
          className="segmented-small filter-period"
          segments={PERIODS.map((value) => ({ value, label: PERIOD_NAMES[value] }))}
          value={filters.period}
          onChange={(period) => choose({ filters: { ...filters, period } })}
        />
        <button
          type="button"
          className="button button-quiet button-small filter-open"
          aria-haspopup="dialog"
          onClick={() => setOpen(true)}
        >
          {t.incidentsView.filtersInUse(filtersInUse(filters))}
        </button>
      </div>
      {open && <FilterSheet total={total ?? 0} onClose={() => setOpen(false)} />}
    </div>
  );
}

/** The newest first, or the nearest, for which the position is asked for. */
function SortChoice() {
  const { here } = useChoice();
  const [note, setNote] = useState<string>();
  const sort = async (by: 'newest' | 'nearest') => {
    setNote(undefined);
    if (by === 'newest') return choose({ here: undefined });
    setNote(t.locating);
    const found = await locatePerson();
    if ('problem' in found) return setNote(found.problem);
    setNote(undefined);
    choose({ here: { lat: found.lat, lon: found.lon } });
  };
  return (
    <>
      <Segmented
        legend={`${t.incidentsView.newest} / ${t.incidentsView.nearest}`}
        hideLegend
        className="segmented-small"
        segments={SORTS}
        value={here === undefined ? 'newest' : 'nearest'}
        onChange={(by) => void sort(by)}
      />
      {note !== undefined && (
        <p className="field-hint filter-note" role="status">
          {note}
        </p>
      )}
    </>
  );
}
