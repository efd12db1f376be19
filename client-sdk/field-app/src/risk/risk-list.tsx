import { useAreas } from '../region/areas.ts';
import { amount, count } from '../texts/format.ts';
import { language, t } from '../texts/texts.ts';
import { Sheet } from '../ui/sheet.tsx';
import { placeName } from './place-name.ts';
import { bandName } from './risk-place.ts';
import type { RiskPlace } from './risk-place.ts';

/** Places that are listed; the map shows all. */
const MAX_LISTED = 20;
const words = t.risk;

/** The highest places of a window in words: for who cannot press on a map. */
export function RiskList({
  name,
  places,
  onClose,
  onRisk,
}: {
  name: string;
  places: readonly RiskPlace[];
  onClose: () => void;
  onRisk: (place: string) => void;
}) {
  const areas = useAreas();
  return (
    <Sheet title={words.listTitle(name)} onClose={onClose}>
      <ul className="choices">
        {places.slice(0, MAX_LISTED).map((place) => (
          <li key={place.place}>
            <button type="button" className="choice risk-choice" onClick={() => onRisk(place.place)}>
              <span className={`risk-swatch risk-${place.band}`} />
              <span className="risk-choice-text">
                {`${count(place.rank)}. ${placeName(areas, place)}`}
                <span className="fact-note">
                  {`${bandName(place.band, language)} · ${words.incidents(amount(place.expected))}`}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Sheet>
  );
}
