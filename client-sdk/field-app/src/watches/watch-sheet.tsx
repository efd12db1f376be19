import { useId, useState } from 'react';
import { z } from 'zod';
import { useHalo } from '@halo/client/react';
import { useKept } from '../device/use-kept.ts';
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
import type { ThresholdName, WatchStart } from './watch.ts';

const words = t.watches;
const MAX_NAME = 80;

interface Place {
  readonly lat: number;
  readonly lon: number;
}

/** The form as it is kept. */
const formSchema = z.object({
  name: z.string(),
  place: z.object({ lat: z.number(), lon: z.number() }).optional(),
  radiusM: z.number(),
  threshold: z.number(),
});
type WatchForm = z.infer<typeof formSchema>;

/** Makes or changes a watched place, or mends a rejected one; works offline. */
export function WatchSheet({ start, onClose }: { start: WatchStart; onClose: () => void }) {
  const halo = useHalo();
  const { region } = useOpenSession();
  const [begin] = useState<WatchForm>(() => ({
    name: start.name,
    place: start.place,
    radiusM: start.radiusM ?? 500,
    threshold: start.threshold ?? THRESHOLDS.middle,
  }));
  const { value, change, forget, isBegun } = useKept(start.form, formSchema, begin);
  const { name, place, radiusM, threshold } = value;
  const edit = (changes: Partial<WatchForm>) => {
    setNote(undefined);
    change((before) => ({ ...before, ...changes }));
  };
  const [note, setNote] = useState<string>();
  const { attempt, busy, error } = useAttempt();
  const save = async () => {
    if (name.trim() === '') return setNote(words.needName);
    if (place === undefined) return setNote(words.needPlace);
    const { watchId, resendOf } = start;
    const watch = { name, ...place, radiusM, threshold, ...(watchId === undefined ? {} : { watchId }) };
    // The id is named in any case: what is watched anew must not keep the one it had.
    const send = () =>
      resendOf === undefined ? halo.setWatch(watch) : halo.outbox.resend(resendOf, { ...watch, watchId });
    if (!(await attempt(send))) return;
    forget();
    onClose();
  };
  const radii = radiiWith(begin.radiusM);
  return (
    <Sheet title={start.watchId === undefined ? words.addTitle : words.editTitle} onClose={onClose} wide>
      <NameField name={name} onName={(next) => edit({ name: next })} />
      <WherePart region={region} place={place} radiusM={radiusM} onPlace={(next) => edit({ place: next })} />
      <Segmented
        legend={words.radius}
        className="segmented-small"
        segments={radii.map((value) => ({ value, label: distance(value) }))}
        value={radiusM}
        onChange={(next) => edit({ radiusM: next })}
      />
      <Segmented
        legend={words.threshold}
        className="segmented-small segmented-wrap"
        segments={(Object.keys(THRESHOLDS) as ThresholdName[]).map((value) => ({
          value,
          label: words.thresholds[value],
        }))}
        value={thresholdName(threshold)}
        onChange={(chosen) => edit({ threshold: THRESHOLDS[chosen] })}
      />
      <p className="field-hint">{words.thresholdHint}</p>
      <p className="form-error" role="alert">
        {note ?? (error === undefined ? undefined : errorText(error.code, error.message))}
      </p>
      <button type="button" className="button button-main" aria-disabled={busy} onClick={() => void save()}>
        {start.resendOf === undefined ? words.save : t.resend}
      </button>
      {isBegun && (
        <button type="button" className="link" onClick={forget}>
          {t.startOver}
        </button>
      )}
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
