import { useAreas } from '../region/areas.ts';
import { hashOf } from '../shell/route.ts';
import { amount, count, fullTime, timeAgo } from '../texts/format.ts';
import { language, locale, t } from '../texts/texts.ts';
import { Sheet } from '../ui/sheet.tsx';
import { useNow } from '../ui/use-now.ts';
import { speakerOf } from './champions.ts';
import { placeName } from './place-name.ts';
import { bandName, isCell, isStale, reasonsInWords } from './risk-place.ts';
import type { RiskPlace } from './risk-place.ts';
import { windowName } from './risk-windows.ts';
import type { RiskWindow } from './risk-windows.ts';
import { useModelAnswer } from './use-model-answer.ts';

const words = t.risk;

/** What is expected at one place in one window, why, and who says so. */
export function RiskSheet({
  place,
  window,
  onClose,
}: {
  place: RiskPlace | undefined;
  window: RiskWindow | undefined;
  onClose: () => void;
}) {
  const areas = useAreas();
  const nowMs = useNow();
  if (place === undefined || window === undefined) {
    return (
      <Sheet title={words.title} onClose={onClose}>
        <p>{words.gone}</p>
      </Sheet>
    );
  }
  const ago = timeAgo(place.computed_at, nowMs);
  return (
    <Sheet title={windowName(window, nowMs, words.windows, locale)} onClose={onClose}>
      <p className="details-lead">
        <span className={`risk-swatch risk-${place.band}`} />
        <span>{bandName(place.band, language)}</span>
        <span className="chip">{placeName(areas, place)}</span>
        {isCell(place) && <span className="fact-note">{words.cell}</span>}
      </p>
      {isStale(place, nowMs) && <p className="risk-note risk-stale">{words.stale(ago)}</p>}
      <Facts place={place} ago={ago} />
      <a className="link" href={hashOf('quality')} onClick={onClose}>
        {words.quality}
      </a>
    </Sheet>
  );
}

function Facts({ place, ago }: { place: RiskPlace; ago: string }) {
  const { expected, lower, upper, rank, band, cut_off } = place;
  return (
    <dl className="facts">
      <dt>{words.expected}</dt>
      <dd>
        {words.incidents(amount(expected))}
        <span className="fact-note">{words.between(amount(lower), amount(upper))}</span>
        {expected > 0 && expected <= 0.5 && (
          <span className="fact-note">{words.oneIn(count(Math.round(1 / expected)))}</span>
        )}
      </dd>
      <dt>{words.band}</dt>
      <dd>
        {bandName(band, language)}
        <span className="fact-note">{words.legend}</span>
      </dd>
      <dt>{words.rank}</dt>
      <dd>{words.rankOf(count(rank), isCell(place) ? 'cell' : 'area')}</dd>
      <dt>{words.reasons}</dt>
      <dd>
        <Reasons reasons={place.reasons} />
      </dd>
      <dt>{words.who}</dt>
      <dd>
        <Speaker place={place} />
        <span className="fact-note">{`${words.known(fullTime(cut_off))} ${words.computed(ago)}.`}</span>
      </dd>
    </dl>
  );
}

function Reasons({ reasons }: { reasons: unknown }) {
  const given = reasonsInWords(reasons, language);
  if (given.length === 0) return <>{words.noReasons}</>;
  return (
    <ul>
      {given.map(({ text, factor }) => (
        <li key={text}>
          {text} <span className="risk-factor">{words.factor(amount(factor))}</span>
        </li>
      ))}
    </ul>
  );
}

function Speaker({ place: { model_id, place_kind } }: { place: RiskPlace }) {
  const { kept } = useModelAnswer();
  const speaker = speakerOf(kept?.answer, model_id, place_kind);
  return (
    <>
      {speaker.is === 'unknown' ? words.unknownModel : words[speaker.is]}
      {speaker.is === 'baseline' && <span className="fact-note">{t.quality.verdicts[speaker.verdict]}</span>}
      <span className="fact-note">{words.modelNumber(model_id.slice(0, 8))}</span>
    </>
  );
}
