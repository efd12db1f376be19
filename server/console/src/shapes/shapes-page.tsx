import { ROLES } from '@halo/shapes/protocol/auth.ts';
import { INSPECTOR_PREFIX, shapeListSchema } from '@halo/shapes/protocol/inspector.ts';
import type { ShapeList } from '@halo/shapes/protocol/inspector.ts';
import { Link } from '../routing/navigation.tsx';
import { pathOf } from '../routing/routes.ts';
import { useApi } from '../session/use-api.ts';
import { bytes, count } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Page } from '../ui/page.tsx';
import { Empty, Show } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';

const EVERY_MS = 10_000;

type Shape = ShapeList['shapes'][number];
type OnInstance = Shape['instances'][number];

/** A number of all instances together. */
function over(shape: Shape, of: (instance: OnInstance) => number): number {
  return shape.instances.reduce((sum, instance) => sum + of(instance), 0);
}

function lastChange({ instances }: Shape): string | undefined {
  const times = instances.map(({ lastChangeAt }) => lastChangeAt).filter((at) => at !== null);
  return times.sort().at(-1);
}

const COLUMNS: readonly Column<Shape>[] = [
  {
    key: 'name',
    head: t.shapes.shape,
    cell: ({ name }) => <Link href={pathOf('shapes', name)}>{name}</Link>,
  },
  { key: 'table', head: t.shapes.of, cell: ({ table }) => <code>{table}</code> },
  {
    key: 'readers',
    head: t.shapes.readers,
    cell: ({ readers }) =>
      readers.length === ROLES.length ? t.all : readers.map((role) => t.roles[role]).join(', '),
  },
  {
    key: 'rows',
    head: t.shapes.rows,
    numeric: true,
    cell: ({ tableRows }) => (tableRows === null ? '–' : count(tableRows)),
  },
  { key: 'devices', head: t.shapes.devices, numeric: true, cell: ({ devices }) => count(devices) },
  {
    key: 'views',
    head: t.shapes.views,
    numeric: true,
    cell: (shape) => count(over(shape, ({ views }) => views)),
  },
  {
    key: 'waiting',
    head: t.shapes.waiting,
    numeric: true,
    cell: (shape) => count(over(shape, ({ waiting }) => waiting)),
  },
  {
    key: 'snapshots',
    head: t.shapes.snapshotBytes,
    numeric: true,
    cell: (shape) => bytes(over(shape, ({ snapshotBytes }) => snapshotBytes)),
  },
  {
    key: 'change',
    head: t.shapes.lastChange,
    cell: (shape) => <Age at={lastChange(shape)} />,
  },
];

/** What devices can follow, and what instances hold of it. */
export function ShapesPage() {
  const loaded = useApi(`${INSPECTOR_PREFIX}/shapes`, shapeListSchema, EVERY_MS);
  return (
    <Page title={t.pages.shapes} lead={t.shapes.lead}>
      <div className="card">
        <Show of={loaded} rows={10}>
          {({ shapes, upstream }) => (
            <>
              {upstream && <p className="note">{t.shapes.upstream}</p>}
              {shapes.length === 0 ? (
                <Empty title={t.none} />
              ) : (
                <Table label={t.shapes.table} columns={COLUMNS} rows={shapes} keyOf={({ name }) => name} />
              )}
            </>
          )}
        </Show>
      </div>
    </Page>
  );
}
