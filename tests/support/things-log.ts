import type { LogChange, LogRelation, Tuple } from '../../server/change-log/change-log.ts';
import { endOf } from '../../server/shape-engine/log-offset.ts';
import { resolveShape } from '../../server/shape-engine/resolve-shape.ts';
import type { ShapeSource } from '../../server/shape-engine/shape-engine.ts';
import { ShapeView } from '../../server/shape-engine/shape-view.ts';
import type { TableColumn, TableSchema } from '../../server/shape-engine/table-schema.ts';
import { builtInType } from '../../server/shape-engine/where/scalar-type.ts';
import type { MemoryChangeLog } from './memory-change-log.ts';

const column = (name: string, number: number, type: string, keyIndex: number | null): TableColumn => ({
  name,
  number,
  typeOid: 20 + number,
  typeModifier: -1,
  typeName: type,
  notNull: false,
  dimensions: 0,
  domain: false,
  generated: false,
  keyIndex,
  scalar: builtInType(type)!,
});
const columns = [column('id', 1, 'int4', 0), column('grp', 2, 'text', null), column('n', 3, 'int4', null)];
const table: TableSchema = {
  fingerprint: 'things',
  oid: 1,
  schema: 'public',
  table: 'things',
  columns,
  key: columns.slice(0, 1),
  identityFull: true,
  partitioned: false,
  partition: false,
};

/** The table as the log describes it. */
export const THINGS: LogRelation = {
  oid: 1,
  schema: 'public',
  table: 'things',
  columns: columns.map(({ name, typeOid, typeModifier }) => ({
    name,
    typeOid,
    typeModifier,
    identity: true,
  })),
};

/** A shape of `things (id, grp, n)` as the dispatcher sees it, complete after the transaction at `from`. */
export function thingsView(
  where: string | null,
  from: bigint,
  sending: Partial<Pick<ShapeSource, 'columns' | 'replica'>> = {},
): ShapeView {
  const source = {
    schema: 'public',
    table: 'things',
    columns: null,
    where,
    params: [],
    replica: 'default' as const,
    ...sending,
  };
  return new ShapeView(resolveShape(source, table, 'epoch'), endOf(from), {
    maxBytes: 1 << 20,
    usedBytes: 0,
  });
}

/** Commits changes of `things`, given as pieces of old and new rows, as the transaction at `lsn`. */
export async function appendThings(
  log: MemoryChangeLog,
  lsn: bigint,
  pieces: readonly { old: Tuple | null; new: Tuple | null }[][],
) {
  let position = 0;
  for (const piece of pieces) {
    const changes = piece.map((each): LogChange => {
      const operation = each.old === null ? 'insert' : each.new === null ? 'delete' : 'update';
      position += 2;
      return { ...each, operation, relation: THINGS, position: position - 2 };
    });
    await log.append({ lsn, xid: Number(lsn), changes });
  }
  await log.commit(lsn);
}
