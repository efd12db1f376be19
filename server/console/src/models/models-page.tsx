import { championsSchema } from '@halo/shapes/protocol/predictions.ts';
import type { Champions } from '@halo/shapes/protocol/predictions.ts';
import { RISK_CATEGORIES } from '@halo/shapes/taxonomy/risk-categories.ts';
import { Link, useChoice } from '../routing/navigation.tsx';
import { pathOf } from '../routing/routes.ts';
import { useApi } from '../session/use-api.ts';
import { useShape } from '../sync/use-shape.ts';
import { t, wordFor } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Chip } from '../ui/chip.tsx';
import { SelectFilter, optionsOf } from '../ui/filters.tsx';
import { Page, Section } from '../ui/page.tsx';
import { Empty, Show, ShowShape } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';
import { decisionTone, modelsOf, seriesName } from './model-row.ts';
import type { ModelRow } from './model-row.ts';

const EVERY_MS = 15_000;
/** Models listed at once; those before are in the API. */
const MAX_MODELS = 200;

type Series = Champions['series'][number];

const CHAMPION_COLUMNS: readonly Column<Series>[] = [
  {
    key: 'series',
    head: t.models.series,
    cell: ({ placeKind, category, champion }) => (
      <Link href={pathOf('models', champion.id)}>{seriesName(placeKind, category)}</Link>
    ),
  },
  {
    key: 'kind',
    head: t.models.champion,
    cell: ({ champion, pinned }) => (
      <>
        <Chip tone={champion.kind === 'trained' ? 'good' : 'idle'}>
          {wordFor(t.models.kinds, champion.kind)}
        </Chip>{' '}
        {pinned && <Chip tone="accent">{t.models.pinned}</Chip>}
      </>
    ),
  },
  { key: 'since', head: t.models.since, cell: ({ since }) => <Age at={since} /> },
  { key: 'cutOff', head: t.models.cutOff, cell: ({ champion }) => <Age at={champion.cutOff} /> },
  { key: 'reason', head: t.models.reason, cell: ({ champion }) => <span lang="en">{champion.reason}</span> },
];

const COLUMNS: readonly Column<ModelRow>[] = [
  {
    key: 'series',
    head: t.models.series,
    cell: ({ id, placeKind, category }) => (
      <Link href={pathOf('models', id)}>{seriesName(placeKind, category)}</Link>
    ),
  },
  { key: 'trained', head: t.models.trained, cell: ({ trainedAtMs }) => <Age at={trainedAtMs} /> },
  { key: 'kind', head: t.models.kind, cell: ({ kind }) => wordFor(t.models.kinds, kind) },
  {
    key: 'decision',
    head: t.models.decision,
    cell: ({ decision, isUnusable }) => (
      <>
        <Chip tone={decisionTone(decision)}>{wordFor(t.models.decisions, decision)}</Chip>{' '}
        {isUnusable && <Chip tone="bad">{t.models.unusable}</Chip>}
      </>
    ),
  },
  { key: 'reason', head: t.models.reason, cell: ({ reason }) => <span lang="en">{reason}</span> },
];

/** Which model speaks for each series, and all that were trained. */
export function ModelsPage() {
  const champions = useApi('/api/v1/predictions/model', championsSchema, EVERY_MS);
  return (
    <Page title={t.pages.models} lead={t.models.lead}>
      <Section title={t.models.speaks}>
        <Show of={champions}>
          {({ series }) =>
            series.length === 0 ? (
              <Empty title={t.models.none}>{t.models.noneLead}</Empty>
            ) : (
              <Table
                label={t.models.speaks}
                columns={CHAMPION_COLUMNS}
                rows={series}
                keyOf={({ placeKind, category }) => `${placeKind} ${category}`}
              />
            )
          }
        </Show>
      </Section>
      <AllModels />
    </Page>
  );
}

const CATEGORIES = Object.fromEntries(
  RISK_CATEGORIES.map((category) => [category, wordFor(t.models.categories, category)]),
);

function AllModels() {
  const followed = useShape('models');
  const [category, setCategory] = useChoice('category');
  const [decision, setDecision] = useChoice('decision');
  return (
    <Section title={t.models.table}>
      <div className="filters">
        <SelectFilter
          label={t.models.series}
          value={category}
          options={optionsOf(CATEGORIES)}
          onChange={setCategory}
        />
        <SelectFilter
          label={t.models.decision}
          value={decision}
          options={optionsOf(t.models.decisions)}
          onChange={setDecision}
        />
      </div>
      <ShowShape of={followed}>
        {(rows) => {
          const models = modelsOf(rows)
            .filter((model) => category === undefined || model.category === category)
            .filter((model) => decision === undefined || model.decision === decision)
            .slice(0, MAX_MODELS);
          if (models.length === 0) return <Empty title={t.models.none} />;
          return <Table label={t.models.table} columns={COLUMNS} rows={models} keyOf={({ id }) => id} />;
        }}
      </ShowShape>
    </Section>
  );
}
