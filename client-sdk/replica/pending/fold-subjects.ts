import type { ReplicaTransaction } from '../replica-database.ts';
import type { PendingMutation } from './optimistic-view.ts';
import { OPTIMISTIC_VIEWS } from './optimistic-views.ts';
import type { Subject } from './optimistic-views.ts';
import { patchTableName } from './pending-tables.ts';
import { toJsonb } from './to-jsonb.ts';

/** Rows whose patches are made at once, so that their memory has a bound. */
const ROWS_PER_STATEMENT = 1_000;

type PendingRow = PendingMutation & { readonly subject: string; readonly settled: boolean };

/** Makes the patches of these rows anew from the mutations that are pending now. Returns the shapes concerned. */
export async function foldSubjects(tx: ReplicaTransaction, subjects: readonly Subject[]): Promise<string[]> {
  const byShape = groups(subjects, ({ shape }) => shape);
  for (const [shape, of] of byShape) {
    const ids = [...new Set(of.map(({ id }) => id))];
    for (let from = 0; from < ids.length; from += ROWS_PER_STATEMENT)
      await foldRows(tx, shape, ids.slice(from, from + ROWS_PER_STATEMENT));
  }
  return [...byShape.keys()];
}

async function foldRows(tx: ReplicaTransaction, shape: string, ids: readonly string[]): Promise<void> {
  const view = OPTIMISTIC_VIEWS.get(shape);
  if (view === undefined) throw new Error(`pending mutations alter no rows of ${shape}`);
  const { rows } = await tx.query<PendingRow>(
    `SELECT id::text, seq, type, args, created_at AS "createdAt", subject::text, settled FROM local.pending
     WHERE shape = $1 AND subject = ANY ($2::uuid[]) ORDER BY seq, id`,
    [shape, [...ids]],
  );
  const patches = [...groups(rows, ({ subject }) => subject)].map(([id, mutations]) => {
    const { kind, values } = view.fold(mutations);
    return { ...values, id, kind, queued: mutations.some(({ settled }) => !settled) };
  });
  const table = patchTableName(view);
  await tx.query(`DELETE FROM ${table} WHERE id = ANY ($1::uuid[])`, [[...ids]]);
  if (patches.length === 0) return;
  await tx.query(
    `INSERT INTO ${table} SELECT (x).* FROM jsonb_populate_recordset(NULL::${table}, $1::text::jsonb) AS x`,
    [toJsonb(patches)],
  );
}

function groups<T>(all: readonly T[], by: (one: T) => string): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const one of all) {
    const group = found.get(by(one));
    if (group === undefined) found.set(by(one), [one]);
    else group.push(one);
  }
  return found;
}
