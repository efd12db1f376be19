import { useState } from 'react';
import { locatePerson } from '../report/locate.ts';
import { t } from '../texts/texts.ts';
import { Segmented } from '../ui/segmented.tsx';
import { choose, useChoice } from './filter-store.ts';

const SORTS = [
  { value: 'newest', label: t.incidentsView.newest },
  { value: 'nearest', label: t.incidentsView.nearest },
] as const;

/** The newest first, or the nearest, for which the position is asked for. */
export function SortChoice() {
  const { here } = useChoice();
  const [note, setNote] = useState<string>();
  // What was pressed shows as pressed while the position is looked for.
  const [locating, setLocating] = useState(false);
  const sort = async (by: 'newest' | 'nearest') => {
    setNote(undefined);
    if (by === 'newest') return choose({ here: undefined });
    setNote(t.locating);
    setLocating(true);
    const found = await locatePerson();
    setLocating(false);
    if ('problem' in found) return setNote(found.problem);
    setNote(undefined);
    choose({ here: { lat: found.lat, lon: found.lon } });
  };
  return (
    <>
      <Segmented
        legend={t.incidentsView.order}
        segments={SORTS}
        value={here === undefined && !locating ? 'newest' : 'nearest'}
        onChange={(by) => void sort(by)}
      />
      {note !== undefined && (
        <p className="field-hint" role="status">
          {note}
        </p>
      )}
    </>
  );
}
