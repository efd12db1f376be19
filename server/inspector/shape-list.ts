import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import type { ShapeList } from '@halo/shapes/protocol/inspector.ts';
import type { Queryable } from '../db/pool.ts';
import { seconds } from './device-answer.ts';
import type { FleetView } from './fleet.ts';
import type { InstanceView } from './instances.ts';

type Shape = ShapeList['shapes'][number];

interface TableRow {
  readonly name: string;
  /** About; null where Postgres cannot tell. */
  readonly rows: number | null;
  readonly bytes: number;
}

/**
 * How many rows a table has, as Postgres guesses: as it was last analysed (`reltuples`; -1 before the first time, for which small tables
 * wait long), or by what was written since (`n_live_tup`; 0 after a crash, which forgets it). Where both know nothing, so do we, unless
 * nothing is stored at all.
 */
const ABOUT_ROWS = `CASE WHEN pg_relation_size(c.oid) = 0 THEN 0
  ELSE nullif(greatest(c.reltuples::float8, s.n_live_tup::float8, 0), 0) END`;

/** Every shape of the catalogue: what it is, who follows it, and what each instance holds of it. */
export async function listShapes(
  db: Queryable,
  catalog: ReadonlyMap<string, ShapeDefinition>,
  instances: readonly InstanceView[],
  fleet: FleetView,
  now: Date,
): Promise<ShapeList> {
  const definitions = [...catalog.values()];
  const { rows: tables } = await db.query<TableRow>(
    `SELECT c.relname AS name, ${ABOUT_ROWS} AS rows, pg_total_relation_size(c.oid)::float8 AS bytes
       FROM pg_class c LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
      WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY($1::text[])`,
    [definitions.map(({ table }) => table)],
  );
  const followers = new Map<string, number>();
  for (const { shapes } of fleet.devices) {
    for (const name of new Set(shapes.map((shape) => shape.name)))
      followers.set(name, (followers.get(name) ?? 0) + 1);
  }
  const present = instances.filter(({ state }) => state !== 'gone');
  return {
    shapes: definitions.map((definition) => ({
      ...definitionOf(
        definition,
        tables.find(({ name }) => name === definition.table),
      ),
      devices: followers.get(definition.name) ?? 0,
      instances: present.flatMap((instance) => onInstance(definition.name, instance, now)),
      views: present.flatMap((instance) => viewsOf(definition.name, instance, now)),
    })),
    upstream: instances.some(({ self, upstream }) => self && upstream),
  };
}

function definitionOf(definition: ShapeDefinition, table: TableRow | undefined) {
  const { name, columns, where, params, readers, personal } = definition;
  return {
    ...{ name, table: definition.table, where, readers: [...readers], personal },
    columns: columns.map((column) => ({ name: column.name, type: column.type })),
    params: Object.keys(params),
    tableRows: table === undefined || table.rows === null ? null : Math.round(table.rows),
    tableBytes: table?.bytes ?? 0,
  };
}

function onInstance(name: string, instance: InstanceView, now: Date): Shape['instances'] {
  const age = instance.reportedAge ?? 0;
  return (instance.report?.shapes ?? [])
    .filter((totals) => totals.name === name)
    .map(({ name: _, changeAge, snapshotMs, ...totals }) => ({
      instance: instance.id,
      reportedSecondsAgo: seconds(age),
      ...totals,
      lastChangeAt: timeOf(changeAge, age, now),
      snapshotSeconds: seconds(snapshotMs),
    }));
}

function viewsOf(name: string, instance: InstanceView, now: Date): Shape['views'] {
  const age = instance.reportedAge ?? 0;
  return (instance.report?.views ?? [])
    .filter((view) => view.name === name)
    .map(({ name: _, changeAge, snapshotAge, usedAge, params, ...view }) => ({
      instance: instance.id,
      ...view,
      params: [...params],
      snapshotAgeSeconds: snapshotAge === null ? null : seconds(snapshotAge + age),
      lastChangeAt: timeOf(changeAge, age, now),
      lastUsedSecondsAgo: seconds(usedAge + age),
    }));
}

function timeOf(changeAge: number | null, age: number, now: Date): string | null {
  return changeAge === null ? null : new Date(now.getTime() - changeAge - age).toISOString();
}
