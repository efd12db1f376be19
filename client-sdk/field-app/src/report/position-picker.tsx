import { useState } from 'react';
import { useOpenSession } from '../device/session-context.tsx';
import { PickerMapPane } from '../map/map-pane.tsx';
import { distance } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { Segmented } from '../ui/segmented.tsx';
import { Sheet } from '../ui/sheet.tsx';
import { rounded } from './locate.ts';
import type { DraftPosition } from './report-draft.ts';
import { parseCoordinates } from './report-draft.ts';

/** Radii to choose from, in metres. */
const RADII_M = [25, 100, 500, 2000] as const;
const SEGMENTS = RADII_M.map((value) => ({ value, label: distance(value) }));

/**
 * Picks a place on the map, or by coordinates where the map cannot be drawn or seen. It begins at the place that is
 * known so far; where there is none, nothing is chosen until the person has pointed at one.
 */
export function PositionPicker({
  start,
  onClose,
  onPicked,
}: {
  start: DraftPosition | undefined;
  onClose: () => void;
  onPicked: (position: DraftPosition) => void;
}) {
  const { region } = useOpenSession();
  const [place, setPlace] = useState<{ lat: number; lon: number } | undefined>(start);
  const [radiusM, setRadiusM] = useState(() => nearestRadius(start?.accuracyM ?? RADII_M[1]));
  const [typed, setTyped] = useState('');
  const wrong = typed.trim() !== '' && parseCoordinates(typed) === undefined;

  const type = (text: string) => {
    setTyped(text);
    const parsed = parseCoordinates(text);
    if (parsed !== undefined) setPlace(parsed);
  };
  const tap = ({ lat, lon }: { lat: number; lon: number }) => {
    setPlace({ lat: rounded(lat), lon: rounded(lon) });
    setTyped('');
  };
  return (
    <Sheet title={t.pickTitle} onClose={onClose} wide>
      <div className="picker-map">
        <PickerMapPane region={region} place={place} radiusM={radiusM} onTap={tap} />
      </div>
      <p className="picker-hint" role="status">
        {place === undefined ? t.pickHint : `${place.lat.toFixed(5)}, ${place.lon.toFixed(5)}`}
      </p>
      <Segmented
        legend={t.pickRadius}
        className="segmented-small"
        segments={SEGMENTS}
        value={radiusM}
        onChange={setRadiusM}
      />
      <Coordinates typed={typed} wrong={wrong} onType={type} />
      <button
        type="button"
        className="button button-main"
        disabled={place === undefined || wrong}
        onClick={() => {
          if (place !== undefined) {
            onPicked({ lat: place.lat, lon: place.lon, accuracyM: radiusM, source: 'map' });
          }
        }}
      >
        {t.usePlace}
      </button>
    </Sheet>
  );
}

/** For those who cannot point: the place in numbers. */
function Coordinates({
  typed,
  wrong,
  onType,
}: {
  typed: string;
  wrong: boolean;
  onType: (text: string) => void;
}) {
  return (
    <details className="picker-coordinates">
      <summary>{t.coordinates}</summary>
      <input
        className="input"
        aria-label={t.coordinates}
        aria-invalid={wrong ? true : undefined}
        aria-describedby="note-coordinates"
        inputMode="text"
        autoComplete="off"
        placeholder="59.33, 18.07"
        value={typed}
        onChange={(event) => onType(event.target.value)}
      />
      <p className="field-error" id="note-coordinates" role="status">
        {wrong ? t.coordinatesWrong : undefined}
      </p>
    </details>
  );
}

/** The choice that is nearest to a radius, never a finer one than it where there is one. */
function nearestRadius(radiusM: number): (typeof RADII_M)[number] {
  return RADII_M.find((choice) => choice >= radiusM) ?? RADII_M[RADII_M.length - 1]!;
}
