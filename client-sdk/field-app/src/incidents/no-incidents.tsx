import { t } from '../texts/texts.ts';
import { choose, useChoice } from './filter-store.ts';
import { DEFAULT_FILTERS, filtersInUse } from './filters.ts';

/** Why the list is empty: nothing has come yet, the filters hide all, or there is nothing. */
export function NoIncidents({ hasCome }: { hasCome: boolean }) {
  const { filters } = useChoice();
  const words = t.incidentsView;
  if (!hasCome) {
    return (
      <div className="empty">
        <h2>{words.noneYet}</h2>
        <p>{words.noneYetLead}</p>
      </div>
    );
  }
  if (filtersInUse(filters) === 0 && filters.period === 'all') {
    return (
      <div className="empty">
        <h2>{t.noIncidents}</h2>
        <p>{t.noIncidentsLead}</p>
      </div>
    );
  }
  return (
    <div className="empty">
      <h2>{words.noneWithFilters}</h2>
      <p>{words.noneWithFiltersLead}</p>
      <button
        type="button"
        className="button button-quiet"
        onClick={() => choose({ filters: { ...DEFAULT_FILTERS, period: 'all' } })}
      >
        {words.reset}
      </button>
    </div>
  );
}
