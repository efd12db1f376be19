import { feedListSchema } from '@halo/shapes/protocol/inspector.ts';
import type { FeedList } from '@halo/shapes/protocol/inspector.ts';
import { useApi } from '../session/use-api.ts';
import { count, duration } from '../texts/format.ts';
import { t, wordFor } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Chip } from '../ui/chip.tsx';
import type { Tone } from '../ui/chip.tsx';
import { Facts } from '../ui/facts.tsx';
import { Page, Section } from '../ui/page.tsx';
import { Empty, Show } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';

const EVERY_MS = 10_000;

type Feed = FeedList['feeds'][number];
type Poll = Feed['polls'][number];

/** How the state of a feed is to be taken. */
export const FEED_TONES: Record<Feed['state'], Tone> = { well: 'good', failing: 'warn', overdue: 'warn' };
const OUTCOME_TONES: Record<Poll['outcome'], Tone> = {
  applied: 'good',
  unchanged: 'idle',
  anomalous: 'warn',
  failed: 'bad',
};

const COLUMNS: readonly Column<Poll>[] = [
  { key: 'started', head: t.feeds.started, cell: ({ startedAt }) => <Age at={startedAt} /> },
  {
    key: 'outcome',
    head: t.feeds.outcome,
    cell: ({ outcome }) => <Chip tone={OUTCOME_TONES[outcome]}>{wordFor(t.feeds.outcomes, outcome)}</Chip>,
  },
  {
    key: 'reason',
    head: t.feeds.reason,
    cell: ({ reason, httpStatus }) => {
      const parts = [reason, httpStatus === null ? null : `HTTP ${httpStatus}`].filter(
        (part) => part !== null,
      );
      return <code>{parts.join(' · ')}</code>;
    },
  },
  {
    key: 'took',
    head: t.feeds.took,
    numeric: true,
    cell: ({ startedAt, finishedAt }) => duration(Date.parse(finishedAt) - Date.parse(startedAt)),
  },
  { key: 'items', head: t.feeds.items, numeric: true, cell: ({ items }) => count(items) },
  { key: 'new', head: t.feeds.made, numeric: true, cell: ({ itemsNew }) => count(itemsNew) },
  { key: 'changed', head: t.feeds.changed, numeric: true, cell: ({ itemsChanged }) => count(itemsChanged) },
  {
    key: 'gone',
    head: t.feeds.withdrawn,
    numeric: true,
    cell: ({ itemsWithdrawn }) => count(itemsWithdrawn),
  },
];

/** Official sources, and whether their polls go well. */
export function FeedsPage() {
  const loaded = useApi('/api/v1/admin/feeds', feedListSchema, EVERY_MS);
  return (
    <Page title={t.pages.feeds} lead={t.feeds.lead}>
      <Show of={loaded}>
        {({ feeds }) =>
          feeds.length === 0 ? (
            <div className="card">
              <Empty title={t.feeds.none}>{t.feeds.noneLead}</Empty>
            </div>
          ) : (
            feeds.map((feed) => <FeedCard key={feed.feed} feed={feed} />)
          )
        }
      </Show>
    </Page>
  );
}

function FeedCard({ feed: { feed, state, lastGoodAt, items, withdrawn, day, polls } }: { feed: Feed }) {
  return (
    <Section title={feed} actions={<Chip tone={FEED_TONES[state]}>{wordFor(t.feeds.states, state)}</Chip>}>
      <Facts
        of={[
          [t.feeds.lastGood, lastGoodAt === null ? t.feeds.never : <Age at={lastGoodAt} />],
          [t.feeds.items, count(items)],
          [t.feeds.withdrawn, count(withdrawn)],
          [t.feeds.polls, `${count(day.polls)}; ${t.feeds.bad(day.anomalous, day.failed)}`],
          [t.feeds.news, t.feeds.newsOf(day.itemsNew, day.itemsChanged, day.itemsWithdrawn)],
        ]}
      />
      <Table
        label={`${feed}: ${t.feeds.table}`}
        columns={COLUMNS}
        rows={polls}
        keyOf={({ startedAt }) => startedAt}
      />
    </Section>
  );
}
