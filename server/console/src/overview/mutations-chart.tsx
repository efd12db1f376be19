import { INSPECTOR_PREFIX, mutationListSchema } from '@halo/shapes/protocol/inspector.ts';
import type { MutationList } from '@halo/shapes/protocol/inspector.ts';
import { StackedBars } from '../charts/stacked-bars.tsx';
import { Link } from '../routing/navigation.tsx';
import { pathOf } from '../routing/routes.ts';
import { useApi } from '../session/use-api.ts';
import { withCursor } from '../session/use-pages.ts';
import { count } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { useNow } from '../ui/use-now.ts';
import { Section } from '../ui/page.tsx';
import { Empty, Show } from '../ui/states.tsx';
import { HOUR_MS, countByHour, lastHours } from './by-hour.ts';

const EVERY_MS = 15_000;
/** The newest mutations that are looked at: what one page may have. */
const LOOKED_AT = 200;
/** Reasons that are listed. */
const MAX_REASONS = 5;

const words = t.overview.charts;
const PATH = withCursor(`${INSPECTOR_PREFIX}/mutations`, null, LOOKED_AT);

/** What became of the newest mutations, by the hour, and why some were rejected. */
export function MutationsChart() {
  const loaded = useApi(PATH, mutationListSchema, EVERY_MS);
  return (
    <Section title={words.mutations} lead={words.mutationsLead(LOOKED_AT)}>
      <Show of={loaded}>{({ mutations }) => <Bars mutations={mutations} />}</Show>
    </Section>
  );
}

function Bars({ mutations }: { mutations: MutationList['mutations'] }) {
  const nowMs = useNow();
  if (mutations.length === 0) return <Empty title={t.mutations.none} />;
  const hours = lastHours(nowMs);
  const of = (status: 'applied' | 'rejected') => mutations.filter((mutation) => mutation.status === status);
  const timesOf = (status: 'applied' | 'rejected') =>
    of(status).map(({ settledAt }) => Date.parse(settledAt));
  const [applied, rejected] = [
    countByHour(timesOf('applied'), hours),
    countByHour(timesOf('rejected'), hours),
  ];
  const reasons = new Map<string, number>();
  for (const { code } of of('rejected')) if (code !== null) reasons.set(code, (reasons.get(code) ?? 0) + 1);
  const most = [...reasons].sort(([, a], [, b]) => b - a).slice(0, MAX_REASONS);
  const sum = (values: readonly number[]) => values.reduce((all, n) => all + n, 0);
  return (
    <>
      <StackedBars
        title={words.mutations}
        timesMs={hours}
        stepMs={HOUR_MS}
        stacks={[
          { name: t.mutations.statuses['applied']!, colour: 1, values: applied },
          { name: t.mutations.statuses['rejected']!, colour: 3, values: rejected },
        ]}
        summary={words.mutationsSummary(sum(applied), sum(rejected))}
      />
      {most.length > 0 && (
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
      )}
    </>
  );
}
