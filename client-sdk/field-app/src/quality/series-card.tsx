import type { EvaluationAnswer } from '@halo/shapes/protocol/predictions.ts';
import { count, day, exactShare, fullTime, measure } from '../texts/format.ts';
import { language, t } from '../texts/texts.ts';
import { BASELINE, measuresOf } from './measures.ts';
import type { Measure } from './measures.ts';
import { testsOf } from './shown-tests.ts';
import type { ShownTest } from './shown-tests.ts';
import { reasonOf, verdictOf } from './verdict.ts';
import type { Reason, SeriesAnswer } from './verdict.ts';

const words = t.quality;

/** One series: who speaks for it, and how that came out in its test beside the baseline. */
export function SeriesCard({ series }: { series: SeriesAnswer }) {
  const categories: Readonly<Record<string, string>> = words.categories;
  const verdict = verdictOf(series);
  const [newest, ...older] = testsOf(series);
  const reason = reasonOf(series);
  return (
    <article className="quality-card" data-series={`${series.placeKind} ${series.category}`}>
      <h3>{categories[series.category] ?? series.category}</h3>
      <p>
        <strong>{words.verdicts[verdict]}</strong>
      </p>
      <p className={newest === undefined ? 'risk-note' : undefined}>
        {newest === undefined ? words.noTest : headOf(newest)}
      </p>
      {newest !== undefined && <Test test={newest} />}
      {older.map((test) => (
        <details key={test.of} className="quality-more">
          <summary>{headOf(test)}</summary>
          <Test test={test} />
        </details>
      ))}
      {reason !== undefined && <ReasonNote reason={reason} />}
    </article>
  );
}

function ReasonNote({ reason: { of, at, passed, unusableSince, text } }: { reason: Reason }) {
  const when = fullTime(new Date(at));
  return (
    <p className="risk-note">
      {of === 'newest' ? words.latest(when) : words.decided(when)}{' '}
      {unusableSince !== undefined && `${words.unusableSince(fullTime(new Date(unusableSince)))} `}
      {passed && `${words.passed} `}
      <span lang="en">{text}</span>
    </p>
  );
}

const headOf = ({ of, at }: ShownTest) => words.testOf[of](day(new Date(at)));

function Test({ test }: { test: ShownTest }) {
  const { from, to, origins, incidents, places, rivals } = test.evaluation;
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
            <th scope="col">{test.of === 'unused' ? words.ofUnused : words.ofModel}</th>
            <th scope="col">{words.ofBaseline}</th>
          </tr>
        </thead>
        <tbody>
          {measuresOf(test.evaluation).map((each) => (
            <MeasureRow key={`${each.name} ${each.percent}`} measured={each} />
          ))}
        </tbody>
      </table>
      <OtherRivals rivals={rivals} />
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
  const others = Object.entries(rivals).filter(([name]) => name !== BASELINE);
  if (others.length === 0) return null;
  const list = new Intl.ListFormat(language, { type: 'conjunction' }).format(
    others.map(([name, { deviance }]) => `${names[name] ?? name} ${measure(deviance.value)}`),
  );
  return <p className="risk-note">{words.alsoCompared(list)}</p>;
}
