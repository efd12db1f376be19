import { INSPECTOR_PREFIX, shapeListSchema } from '@halo/shapes/protocol/inspector.ts';
import type { ShapeList } from '@halo/shapes/protocol/inspector.ts';
import { pathOf } from '../routing/routes.ts';
import { useApi } from '../session/use-api.ts';
import { bytes, count, duration } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Back } from '../ui/back.tsx';
import { Facts } from '../ui/facts.tsx';
import { Page, Section } from '../ui/page.tsx';
import { Empty, Show } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';

const EVERY_MS = 10_000;

type Shape = ShapeList['shapes'][number];

const INSTANCE_COLUMNS: readonly Column<Shape['instances'][number]>[] = [
  { key: 'instance', head: t.shapes.instance, cell: ({ instance }) => <code>{instance}</code> },
  {
    key: 'reported',
    head: t.shapes.reported,
    cell: ({ reportedSecondsAgo }) => t.replication.ago(reportedSecondsAgo),
  },
  { key: 'views', head: t.shapes.views, numeric: true, cell: ({ views }) => count(views) },
  { key: 'waiting', head: t.shapes.waiting, numeric: true, cell: ({ waiting }) => count(waiting) },
  {
    key: 'snapshots',
    head: t.shapes.snapshotBytes,
    numeric: true,
    cell: ({ snapshotBytes, snapshotRows }) =>
      `${bytes(snapshotBytes)} · ${t.device.rowsTotal(snapshotRows)}`,
  },
  { key: 'tail', head: t.shapes.tailBytes, numeric: true, cell: ({ tailBytes }) => bytes(tailBytes) },
  {
    key: 'encoded',
    head: t.shapes.encoded,
    numeric: true,
    cell: ({ messages, messageBytes }) => `${count(messages)} · ${bytes(messageBytes)}`,
  },
  {
    key: 'made',
    head: t.shapes.snapshotsMade,
    numeric: true,
    cell: ({ snapshotsMade, snapshotSeconds }) =>
      snapshotsMade === 0 ? '0' : `${count(snapshotsMade)} · ${duration(snapshotSeconds * 1000)}`,
  },
  { key: 'change', head: t.shapes.lastChange, cell: ({ lastChangeAt }) => <Age at={lastChangeAt} /> },
];

const VIEW_COLUMNS: readonly Column<Shape['views'][number]>[] = [
  { key: 'handle', head: t.shapes.handle, cell: ({ handle }) => <code>{handle}</code> },
  { key: 'params', head: t.shapes.params, cell: ({ params }) => <code>{params.join(', ')}</code> },
  { key: 'waiting', head: t.shapes.waiting, numeric: true, cell: ({ waiting }) => count(waiting) },
  {
    key: 'rows',
    head: t.shapes.snapshotBytes,
    numeric: true,
    cell: ({ snapshotBytes }) => (snapshotBytes === null ? '–' : bytes(snapshotBytes)),
  },
  { key: 'change', head: t.shapes.lastChange, cell: ({ lastChangeAt }) => <Age at={lastChangeAt} /> },
];

/** One shape: what it is, and what each instance holds of it. */
export function ShapePage({ name }: { name: string }) {
  const loaded = useApi(`${INSPECTOR_PREFIX}/shapes`, shapeListSchema, EVERY_MS);
  return (
    <Page title={t.shapes.title(name)} lead={<Back href={pathOf('shapes')}>{t.shapes.back}</Back>}>
      <Show of={loaded}>
        {({ shapes }) => {
          const shape = shapes.find((each) => each.name === name);
          return shape === undefined ? <Empty title={t.notFound} /> : <ShapeParts shape={shape} />;
        }}
      </Show>
    </Page>
  );
}

function ShapeParts({ shape }: { shape: Shape }) {
  const { table, where, params, readers, personal, tableRows, tableBytes, columns, instances, views } = shape;
  return (
    <>
      <section className="card">
        <Facts
          of={[
            [t.shapes.of, <code>{table}</code>],
            [t.shapes.where, where === null ? t.shapes.everyRow : <code>{where}</code>],
            [t.shapes.params, params.length === 0 ? t.none : params.join(', ')],
            [t.shapes.readers, readers.map((role) => t.roles[role]).join(', ')],
            [t.shapes.personal, personal ? t.yes : t.no],
            [t.shapes.rows, `${tableRows === null ? '–' : count(tableRows)} · ${bytes(tableBytes)}`],
            [t.shapes.devices, count(shape.devices)],
          ]}
        />
        <p>
          <span className="muted">{t.shapes.columns}: </span>
          <code>{columns.map((column) => `${column.name} ${column.type}`).join(', ')}</code>
        </p>
      </section>
      <Section title={t.shapes.perInstance}>
        {instances.length === 0 ? (
          <Empty title={t.replication.noInstances} />
        ) : (
          <Table
            label={t.shapes.perInstance}
            columns={INSTANCE_COLUMNS}
            rows={instances}
            keyOf={({ instance }) => instance}
          />
        )}
      </Section>
      <Section title={t.shapes.busiest}>
        {views.length === 0 ? (
          <Empty title={t.shapes.noViews} />
        ) : (
          <Table
            label={t.shapes.busiest}
            columns={VIEW_COLUMNS}
            rows={views}
            keyOf={({ instance, handle, params: values }) => `${instance} ${handle} ${values.join()}`}
          />
        )}
      </Section>
    </>
  );
}
