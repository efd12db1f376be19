import { modelDetailSchema } from '@halo/shapes/protocol/predictions.ts';
import type { SeriesState } from '@halo/shapes/protocol/predictions.ts';
import { Link } from '../routing/navigation.tsx';
import { pathOf } from '../routing/routes.ts';
import { useApi } from '../session/use-api.ts';
import { count, duration, measure, shortId } from '../texts/format.ts';
import { t, wordFor } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Back } from '../ui/back.tsx';
import { Chip } from '../ui/chip.tsx';
import { Id } from '../ui/copy.tsx';
import { Facts } from '../ui/facts.tsx';
import { Page, Section } from '../ui/page.tsx';
import { Show } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';
import { Evaluation } from './evaluation.tsx';
import { ModelActions } from './model-actions.tsx';
import { decisionTone, seriesName } from './model-row.ts';
import type { ModelDetail } from './model-row.ts';

const EVERY_MS = 15_000;

type Change = SeriesState['changes'][number];

const CHANGE_COLUMNS: readonly Column<Change>[] = [
  { key: 'when', head: t.models.when, cell: ({ changedAt }) => <Age at={changedAt} /> },
  { key: 'cause', head: t.models.cause, cell: ({ cause }) => wordFor(t.models.causes, cause) },
  {
    key: 'model',
    head: t.models.model,
    cell: ({ modelId }) => (
      <Link href={pathOf('models', modelId)}>
        <code>{shortId(modelId)}</code>
      </Link>
    ),
  },
  {
    key: 'by',
    head: t.audit.actor,
    cell: ({ changedBy }) =>
      changedBy === null ? (
        '–'
      ) : (
        <Link href={pathOf('users', changedBy)}>
          <code>{shortId(changedBy)}</code>
        </Link>
      ),
  },
];

/** One model: how it did, what was decided and why, and what may be done about it. */
export function ModelPage({ id }: { id: string }) {
  const path = `/api/v1/admin/models/${encodeURIComponent(id)}`;
  const loaded = useApi(path, modelDetailSchema, EVERY_MS);
  const { data } = loaded;
  return (
    <Page
      title={data === undefined ? t.pages.models : t.models.title(seriesName(data.placeKind, data.category))}
      lead={<Back href={pathOf('models')}>{t.models.back}</Back>}
      actions={data === undefined ? undefined : <ModelActions model={data} onDone={loaded.reload} />}
    >
      <Show of={loaded}>{(model) => <ModelParts model={model} />}</Show>
    </Page>
  );
}

function ModelParts({ model }: { model: ModelDetail }) {
  const { decision, reason, series, unusable, evaluation, samples, runId, sha256, featuresVersion } = model;
  return (
    <>
      <section className="card">
        <p className="state-line">
          <Chip tone={decisionTone(decision)}>{wordFor(t.models.decisions, decision)}</Chip>
          {series.modelId === model.id && <Chip tone="accent">{t.models.speaks}</Chip>}
          {series.pinned && series.modelId === model.id && <Chip tone="accent">{t.models.pinned}</Chip>}
          <span lang="en">{reason}</span>
        </p>
        {unusable !== null && (
          <p className="note note-bad">
            {t.models.unusable}, <Age at={unusable.at} />: <span lang="en">{unusable.reason}</span>{' '}
            <code>({unusable.code})</code>
          </p>
        )}
        <Facts
          of={[
            [t.models.kind, wordFor(t.models.kinds, model.kind)],
            [t.models.trained, <Age at={model.trainedAt} />],
            [t.models.duration, duration(model.durationMs)],
            [t.models.cutOff, <Age at={model.cutOff} />],
            [
              t.models.samples,
              Object.entries(samples)
                .map(([name, value]) => `${typeof value === 'number' ? count(value) : String(value)} ${name}`)
                .join(', ') || '–',
            ],
            [t.models.features, featuresVersion === null ? '–' : measure(featuresVersion)],
            [t.models.file, sha256 === null ? '–' : <Id of={sha256} />],
            [
              t.pages.jobs,
              runId === null ? (
                '–'
              ) : (
                <Link href={pathOf('jobs', runId)}>
                  <Id of={runId} />
                </Link>
              ),
            ],
          ]}
        />
      </section>
      {evaluation === null ? (
        <p className="note">{t.models.notTested}</p>
      ) : (
        <Evaluation evaluation={evaluation} />
      )}
      <Section title={t.models.history}>
        <Table
          label={t.models.history}
          columns={CHANGE_COLUMNS}
          rows={series.changes}
          keyOf={({ changedAt, modelId }) => `${changedAt} ${modelId}`}
        />
      </Section>
    </>
  );
}
