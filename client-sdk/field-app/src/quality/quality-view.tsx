import { fullTime, timeAgo } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { Skeletons } from '../ui/skeletons.tsx';
import { useNow } from '../ui/use-now.ts';
import { useModelAnswer } from '../risk/use-model-answer.ts';
import type { ModelAnswer } from '../risk/use-model-answer.ts';
import { SeriesCard } from './series-card.tsx';
import { byPlaceKind } from './verdict.ts';
import type { SeriesAnswer } from './verdict.ts';

const words = t.quality;

/** How good the forecasts proved, the baseline beside them, and what they must not be used for. */
export function QualityView() {
  const answer = useModelAnswer();
  const { kept, state } = answer;
  return (
    <section className="page">
      <h1>{words.title}</h1>
      <p className="lead">{words.lead}</p>
      <AnswerAge answer={answer} />
      {kept === undefined && state === 'asking' && <Skeletons rows={2} />}
      {kept !== undefined && kept.answer.series.length === 0 && (
        <p className="waiting-note">{words.nothingYet}</p>
      )}
      {[...byPlaceKind(kept?.answer.series ?? [])].map(([kind, series]) => (
        <Kind key={kind} kind={kind} series={series} />
      ))}
      <Ethics />
    </section>
  );
}

/** When the server said what is shown, and why it says nothing newer. */
function AnswerAge({ answer: { kept, state } }: { answer: ModelAnswer }) {
  const nowMs = useNow();
  if (kept === undefined) {
    if (state === 'asking') return null;
    return (
      <p className="waiting-note" role="status">
        {state === 'offline' ? words.offlineNothing : words.failedNothing}
      </p>
    );
  }
  const isOld = state === 'offline' || state === 'failed';
  const at = fullTime(kept.at);
  return (
    <p className={isOld ? 'risk-note risk-stale' : 'risk-note'}>
      {isOld ? words.keptFrom(at, timeAgo(kept.at, nowMs)) : words.askedAt(at)}
    </p>
  );
}

function Kind({ kind, series }: { kind: string; series: readonly SeriesAnswer[] }) {
  const [first, ...others] = series;
  const kinds: Readonly<Record<string, string>> = words.kinds;
  if (first === undefined) return null;
  return (
    <section className="details-part" aria-label={kinds[kind] ?? kind}>
      <h2>{kinds[kind] ?? kind}</h2>
      <SeriesCard series={first} />
      {others.length > 0 && (
        <details className="quality-more">
          <summary>{words.others(others.length)}</summary>
          {others.map((one) => (
            <SeriesCard key={one.category} series={one} />
          ))}
        </details>
      )}
    </section>
  );
}

function Ethics() {
  return (
    <section className="details-part quality-ethics" aria-label={words.ethicsTitle}>
      <h2>{words.ethicsTitle}</h2>
      <ul>
        {words.ethics.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}
