import type { EvaluationAnswer } from '@halo/shapes/protocol/predictions.ts';
import { count, day, exactShare, fullTime, measure } from '../texts/format.ts';
import { language, t } from '../texts/texts.ts';
import { measuresOf, reasonOf, testOf, verdictOf } from './verdict.ts';
import type { Measure, SeriesAnswer } from './verdict.ts';

const words = t.quality;

/** One series: who speaks for it, and how that came out in its test beside the baseline. */
export function SeriesCard({ series }: { series: SeriesAnswer }) {
  const categories: Readonly<Record<string, string>> = words.categories;
  const verdict = verdictOf(series);
  const test = testOf(series);
  const reason = reasonOf(series);
  const { champion, latest } = series;
  return (
    <article className="quality-card" data-series={`${series.placeKind} ${series.category}`}>
      <h3>{categories[series.category] ?? series.category}</h3>
      <p>
        <strong>{words.verdicts[verdict]}</strong>
      </p>
      {test === undefined ? (
        <p className="risk-note">{words.noTest}</p>
      ) : (
        <Test test={test} inUse={champion.kind === 'trained'} />
      )}
      {reason !== undefined && (
        <p className="risk-note">
          {latest !== null && latest.id !== champion.id
            ? words.latest(fullTime(new Date(latest.trainedAt)))
            : words.decided(fullTime(new Date(champion.trainedAt)))}{' '}
          <span lang="en">{reason}</span>
        </p>
      )}
    </article>
  );
}

function Test({ test, inUse }: { test: EvaluationAnswer; inUse: boolean }) {
  const { from, to, origins, incidents, places } = test;
  return (
    <>
      <p className="risk-note">
        {words.tested({
          weeks: count(origins),
          from: day(new Date(from)),
          to: day(new Date(to)),
          incidents: count(incidents),
          places: count(places),
        })}
      </p>
      <table className="quality-table">
        <thead>
          <tr>
            <th scope="col">{words.measure}</th>
            <th scope="col">{inUse ? words.ofModel : words.ofUnused}</th>
            <th scope="col">{words.ofBaseline}</th>
          </tr>
        </thead>
        <tbody>
          {measuresOf(test).map((each) => (
            <MeasureRow key={`${each.name} ${each.percent}`} measured={each} />
          ))}
        </tbody>
      </table>
      <OtherRivals rivals={test.rivals} />
    </>
  );
}

function MeasureRow({ measured: { name, percent, model, baseline, better } }: { measured: Measure }) {
  const format = name === 'found' ? exactShare : measure;
  return (
    <tr>
      <th scope="row">
        {name === 'found' ? words.found(`${percent}`) : words.measures[name]}
        {better !== undefined && <span className="quality-range">{words.better[better]}</span>}
      </th>
      {[model, baseline].map((estimate, column) => (
        <td key={column}>
          {estimate === undefined ? '–' : format(estimate.value)}
          {estimate !== undefined && (
            <span className="quality-range">
              {words.range(format(estimate.lower), format(estimate.upper))}
            </span>
          )}
        </td>
      ))}
    </tr>
  );
}

/** The other ways of forecasting that it was compared with, by the measure that decides. */
function OtherRivals({ rivals }: { rivals: EvaluationAnswer['rivals'] }) {
  const names: Readonly<Record<string, string>> = words.rivals;
  const others = Object.entries(rivals).filter(([name]) => name !== 'count-365');
  if (others.length === 0) return null;
  const list = new Intl.ListFormat(language, { type: 'conjunction' }).format(
    others.map(([name, { deviance }]) => `${names[name] ?? name} ${measure(deviance.value)}`),
  );
  return <p className="risk-note">{words.alsoCompared(list)}</p>;
}
