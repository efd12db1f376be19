import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { replicaTableName } from '@halo/shapes/catalog/replica-schema.ts';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import type { ChangeMessage } from '@halo/shapes/protocol/messages.ts';
import { SNAPSHOT_COLUMN, ensureSchema } from '../../client-sdk/replica/schema.ts';
import { copying } from '../../client-sdk/platform/node/copying-replica.ts';
import { addRows } from '../../client-sdk/replica/add-rows.ts';
import { subscriptionsOf } from '../../client-sdk/replica/subscription.ts';
import { incidentRow, numberedId } from '../integration/client-samples.ts';
import type { Figure } from './read-bench.ts';

const ROWS = 100_000;
/** Rows in one answer of the server, about: it cuts snapshots at 10 MiB. */
const CHUNK = 20_000;

/** A snapshot of incidents brought into a replica on disk, beside COPY of the same rows into the same table by PGlite. */
export async function replicaApply(_databaseUrl: string, dir: string): Promise<readonly Figure[]> {
  const shape = subscriptionsOf([{ name: 'incidents', params: { region: '01' } }])[0]!.definition;
  const rows = Array.from({ length: ROWS }, (_, n) => incidentRow(numberedId(n), '01', String(1 + (n % 5))));
  const [copied, applied] = [await copy(shape, rows, dir), await apply(shape, rows, dir)];
  return [
    {
      name: `replica: ${ROWS} rows of a snapshot`,
      value: applied,
      unit: 'rows/s',
      floor: { what: 'raw PGlite COPY', value: copied },
      goal: '≥ 0.7 of floor',
    },
  ];
}

type Row = Readonly<Record<string, string | null>>;

async function apply(shape: ShapeDefinition, rows: readonly Row[], dir: string): Promise<number> {
  const database = copying(await PGlite.create(join(dir, 'replica-applied')));
  try {
    await ensureSchema(database);
    const startedAt = performance.now();
    for (let at = 0; at < rows.length; at += CHUNK) {
      const changes = rows.slice(at, at + CHUNK).map((value): ChangeMessage => ({
        key: `"public"."incidents"/"${value['id']}"`,
        value,
        headers: { operation: 'insert', relation: ['public', 'incidents'] },
      }));
      await database.transaction((tx) => addRows(tx, shape, 1, changes));
    }
    return perSecond(startedAt);
  } finally {
    await database.close();
  }
}

async function copy(shape: ShapeDefinition, rows: readonly Row[], dir: string): Promise<number> {
  const database = await PGlite.create(join(dir, 'replica-copied'));
  try {
    await ensureSchema(database);
    const names = shape.columns.map(({ name }) => name);
    const lines = rows.map((row) => `${names.map((name) => row[name] ?? '\\N').join('\t')}\t1\n`);
    const startedAt = performance.now();
    for (let at = 0; at < lines.length; at += CHUNK) {
      const blob = new Blob([lines.slice(at, at + CHUNK).join('')]);
      const columns = [...names, SNAPSHOT_COLUMN].map((name) => `"${name}"`).join(', ');
      await database.query(`COPY ${replicaTableName(shape)} (${columns}) FROM '/dev/blob'`, [], { blob });
    }
    return perSecond(startedAt);
  } finally {
    await database.close();
  }
}

const perSecond = (startedAt: number) => (ROWS / (performance.now() - startedAt)) * 1_000;
