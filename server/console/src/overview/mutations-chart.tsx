import { INSPECTOR_PREFIX, mutationListSchema } from '@halo/shapes/protocol/inspector.ts';
import { StackedBars } from '../charts/stacked-bars.tsx';
import { Link } from '../routing/navigation.tsx';
import { pathOf } from '../routing/routes.ts';
import { useApi } from '../session/use-api.ts';
import { withCursor } from '../session/use-pages.ts';
import { count } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { Section } from '../ui/page.tsx';
import { mostFrequent } from './by-hour.ts';
import type { Steps } from './history.ts';

const EVERY_MS = 15_000;
/** The newest rejections whose reasons are counted: what one page may have. */
const LOOKED_AT = 200;
/** Reasons that are listed. */
const MAX_REASONS = 5;

const words = t.overview.charts;
const PATH = withCursor(`${INSPECTOR_PREFIX}/mutations?status=rejected`, null, LOOKED_AT);

/** What became of mutations, and why some were rejected. */
export function MutationsChart({ steps: { timesMs, points, stepMs } }: { steps: Steps }) {
  const valuesOf = (result: 'applied' | 'rejected') => points.map((point) => point?.mutations[result] ?? 0);
  const [applied, rejected] = [valuesOf('applied'), valuesOf('rejected')];
  const sum = (values: readonly number[]) => values.reduce((all, n) => all + n, 0);
  return (
    <Section title={words.mutations} lead={words.mutationsLead}>
      <StackedBars
        title={words.mutations}
        timesMs={timesMs}
        stepMs={stepMs}
        stacks={[
          { name: t.mutations.statuses['applied']!, colour: 1, values: applied },
          { name: t.mutations.statuses['rejected']!, colour: 3, values: rejected },
        ]}
        summary={words.mutationsSummary(sum(applied), sum(rejected))}
      />
      <Reasons sinceMs={timesMs[0] ?? 0} />
    </Section>
  );
}

function Reasons({ sinceMs }: { sinceMs: number }) {
  const { data } = useApi(PATH, mutationListSchema, EVERY_MS);
  const codes = (data?.mutations ?? []).flatMap(({ code, settledAt }) =>
    code === null || Date.parse(settledAt) < sinceMs ? [] : [code],
  );
  const most = mostFrequent(codes, MAX_REASONS);
  if (most.length === 0) return null;
  return (
    <ul className="reasons" aria-label={t.overview.rejectedNow}>
      {most.map(([code, n]) => (
        <li key={code}>
          <Link href={pathOf('mutations', undefined, { code })}>
            <code>{code}</code>
          </Link>{' '}
          <span className="number">{count(n)}</span>
        </li>
      ))}
    </ul>
  );
}
