import { useState } from 'react';
import { useStatus } from '@halo/client/react';
import { useAppParts } from '../device/session-context.tsx';
import { locatePerson } from '../report/locate.ts';
import { t } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';
import { countyNear, useAreas } from './areas.ts';
import { whyNoCounties } from './no-counties.ts';

/** Choice of the county to follow; large rows, since it is often the first thing pressed. */
export function RegionPicker({ current, onChosen }: { current?: string | undefined; onChosen?: () => void }) {
  const { session } = useAppParts();
  const areas = useAreas();
  const status = useStatus();
  const [note, setNote] = useState<string>();
  const choose = (code: string) => {
    onChosen?.();
    if (code !== current) void session.chooseRegion(code);
  };
  const find = async () => {
    setNote(t.locating);
    const found = await locatePerson();
    if ('problem' in found) return setNote(found.problem);
    const code = countyNear(areas, found);
    if (code !== undefined) choose(code);
  };
  if (areas.counties.length === 0) {
    return <p className="waiting-note">{whyNoCounties(status, t)}</p>;
  }
  return (
    <div className="region-picker">
      <button type="button" className="button button-quiet" onClick={() => void find()}>
        <Icon name="locate" /> {t.nearMe}
      </button>
      <p className="field-hint" role="status">
        {note}
      </p>
      <ul className="choices">
        {areas.counties.map(({ code, name }) => (
          <li key={code}>
            <button
              type="button"
              className="choice"
              aria-pressed={code === current}
              onClick={() => choose(code)}
            >
              {name}
              {code === current && <Icon name="check" />}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
