import { useId, useState } from 'react';
import { useHalo } from '@halo/client/react';
import { useOpenSession } from '../device/session-context.tsx';
import { useAttempt } from '../incidents/use-attempt.ts';
import { PickerMapPane } from '../map/map-pane.tsx';
import { locatePerson, rounded } from '../report/locate.ts';
import { parseCoordinates } from '../report/report-draft.ts';
import { distance } from '../texts/format.ts';
import { errorText, t } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Sheet } from '../ui/sheet.tsx';
import { THRESHOLDS, radiiWith, thresholdName } from './watch.ts';
import type { ThresholdName } from './watch.ts';

const words = t.watches;
const MAX_NAME = 80;

interface Place {
  readonly lat: number;
  readonly lon: number;
}

/** What the sheet begins with: nothing, a place that was pointed at, or a watched one. */
export interface WatchStart {
  readonly watchId?: string;
  readonly name: string;
  readonly place?: Place;
  readonly radiusM?: number;
  readonly threshold?: number;
}

/** Makes or changes a watched place; works offline. */
export function WatchSheet({ start, onClose }: { start: WatchStart; onClose: () => void }) {
  const halo = useHalo();
  const { region } = useOpenSession();
  const [name, setName] = useState(start.name);
  const [place, setPlace] = useState(start.place);
  const [radiusM, setRadiusM] = useState(start.radiusM ?? 500);
  const [threshold, setThreshold] = useState<number>(start.threshold ?? THRESHOLDS.middle);
  const [note, setNote] = useState<string>();
  const { attempt, busy, error } = useAttempt();
  const save = async () => {
    if (name.trim() === '') return setNote(words.needName);
    if (place === undefined) return setNote(words.needPlace);
    const { watchId } = start;
    const watch = { name, ...place, radiusM, threshold, ...(watchId === undefined ? {} : { watchId }) };
    if (await attempt(() => halo.setWatch(watch))) onClose();
  };
  const radii = radiiWith(start.radiusM ?? 500);
  return (
    <Sheet title={start.watchId === undefined ? words.addTitle : words.editTitle} onClose={onClose} wide>
      <NameField name={name} onName={setName} />
      <WherePart
        region={region}
        place={place}
        radiusM={radiusM}
        onPlace={(next) => {
          setPlace(next);
          setNote(undefined);
        }}
      />
      <Segmented
        legend={words.radius}
        className="segmented-small"
        segments={radii.map((value) => ({ value, label: distance(value) }))}
        value={radiusM}
        onChange={setRadiusM}
      />
      <Segmented
        legend={words.threshold}
        className="segmented-small segmented-wrap"
        segments={(Object.keys(THRESHOLDS) as ThresholdName[]).map((value) => ({
          value,
          label: words.thresholds[value],
        }))}
        value={thresholdName(threshold)}
        onChange={(chosen) => setThreshold(THRESHOLDS[chosen])}
      />
      <p className="field-hint">{words.thresholdHint}</p>
      <p className="form-error" role="alert">
        {note ?? (error === undefined ? undefined : errorText(error.code, error.message))}
      </p>
      <button type="button" className="button button-main" aria-disabled={busy} onClick={() => void save()}>
        {words.save}
      </button>
    </Sheet>
  );
}

function NameField({ name, onName }: { name: string; onName: (name: string) => void }) {
  const id = useId();
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {words.name}
      </label>
      <input
        className="input"
        id={id}
        maxLength={MAX_NAME}
        autoComplete="off"
        value={name}
        aria-describedby={`${id}-hint`}
        onChange={({ target }) => onName(target.value)}
      />
      <p className="field-hint" id={`${id}-hint`}>
        {words.nameHint}
      </p>
    </div>
  );
}

/** The middle of the place: on the map, where one is, or in numbers. */
function WherePart({
  region,
  place,
  radiusM,
  onPlace,
}: {
  region: string | undefined;
  place: Place | undefined;
  radiusM: number;
  onPlace: (place: Place) => void;
}) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const [note, setNote] = useState<string>();
  // The map goes to a place only when it opens: it is opened anew for one that was not pointed at on it.
  const [visit, setVisit] = useState(0);
  const goTo = (next: Place) => {
    onPlace(next);
    setVisit(visit + 1);
  };
  const here = async () => {
    setNote(t.locating);
    const found = await locatePerson();
    if ('problem' in found) return setNote(found.problem);
    setNote(undefined);
    goTo({ lat: found.lat, lon: found.lon });
  };
  return (
    <fieldset className="field watch-where">
      <legend className="field-label">{words.where}</legend>
      <div className="picker-map">
        <PickerMapPane
          key={visit}
          region={region}
          place={place}
          radiusM={radiusM}
          onTap={({ lat, lon }) => onPlace({ lat: rounded(lat), lon: rounded(lon) })}
        />
      </div>
      <p className="picker-hint" role="status">
        {note ?? (place === undefined ? words.pickHint : `${place.lat.toFixed(5)}, ${place.lon.toFixed(5)}`)}
      </p>
      <button type="button" className="button button-quiet" onClick={() => void here()}>
        <Icon name="locate" size={20} /> {words.hereButton}
      </button>
      <details className="picker-coordinates">
        <summary>{t.coordinates}</summary>
        <input
          className="input"
          id={id}
          aria-label={t.coordinates}
          placeholder="59.33, 18.07"
          autoComplete="off"
          value={typed}
          onChange={({ target }) => {
            setTyped(target.value);
            const parsed = parseCoordinates(target.value);
            if (parsed !== undefined) goTo(parsed);
          }}
        />
      </details>
    </fieldset>
  );
}
