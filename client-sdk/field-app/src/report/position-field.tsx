import { useState } from 'react';
import { distance } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';
import { locatePerson } from './locate.ts';
import { PositionPicker } from './position-picker.tsx';
import type { DraftPosition } from './report-draft.ts';

/** A position that is known no finer than this, in metres, is called rough. */
const ROUGH_M = 200;

/** Where it happened: measured by the device or picked on the map; empty until the person chooses. */
export function PositionField({
  value,
  measured,
  error,
  onChange,
}: {
  value: DraftPosition | undefined;
  /** Where the device is now, where no place has been chosen. */
  measured?: DraftPosition | undefined;
  error: string | undefined;
  onChange: (position: DraftPosition) => void;
}) {
  const [picking, setPicking] = useState(false);
  const [note, setNote] = useState<string>();
  const [locating, setLocating] = useState(false);

  const locate = async () => {
    setLocating(true);
    setNote(t.locating);
    const found = await locatePerson();
    setLocating(false);
    if ('problem' in found) return setNote(found.problem);
    setNote(undefined);
    onChange(found);
  };
  return (
    <fieldset
      className="field position-field"
      id="field-position"
      tabIndex={-1}
      aria-invalid={error === undefined ? undefined : true}
      aria-describedby="note-position"
    >
      <legend className="field-label">{t.where}</legend>
      <div className="position">
        {value !== undefined && <KnownPosition position={value} />}
        {value === undefined && measured !== undefined && <KnownPosition position={measured} follows />}
        <div className="position-buttons">
          <button
            type="button"
            className="button button-quiet"
            aria-disabled={locating}
            onClick={() => (locating ? undefined : void locate())}
          >
            <Icon name="locate" /> {t.usePosition}
          </button>
          <button type="button" className="button button-quiet" onClick={() => setPicking(true)}>
            <Icon name="map" /> {t.pickOnMap}
          </button>
        </div>
      </div>
      <p className={error === undefined ? 'field-hint' : 'field-error'} id="note-position" role="status">
        {note ?? error}
      </p>
      {picking && (
        <PositionPicker
          start={value ?? measured}
          onClose={() => setPicking(false)}
          onPicked={(position) => {
            setPicking(false);
            setNote(undefined);
            onChange(position);
          }}
        />
      )}
    </fieldset>
  );
}

/** A place, with how exactly it is known; `follows` where it is measured until the report is sent. */
function KnownPosition({ position, follows = false }: { position: DraftPosition; follows?: boolean }) {
  const { source, lat, lon, accuracyM } = position;
  return (
    <p className="position-value">
      <Icon name={source === 'device' ? 'locate' : 'pin'} />
      <span>
        {words(position)}
        <span className="fact-note">{`${lat.toFixed(5)}, ${lon.toFixed(5)}`}</span>
        {follows && <span className="fact-note">{t.life.autoPosition}</span>}
        {source === 'device' && accuracyM > ROUGH_M && (
          <span className="fact-note">{t.life.roughPosition}</span>
        )}
      </span>
    </p>
  );
}

function words({ source, accuracyM }: DraftPosition): string {
  return source === 'device' ? t.positionMine(distance(accuracyM)) : t.positionPicked(distance(accuracyM));
}
