import { resolveShape } from '../../server/shape-engine/resolve-shape.ts';
import type { InnerTables } from '../../server/shape-engine/resolve-shape.ts';
import { planShape } from '../../server/shape-engine/subquery/plan.ts';
import type { ShapePlan } from '../../server/shape-engine/subquery/plan.ts';
import type { TableColumn, TableSchema } from '../../server/shape-engine/table-schema.ts';
import { builtInType } from '../../server/shape-engine/where/scalar-type.ts';

/** Tables as the catalogue would describe them; the first column of each is its key. */
const COLUMNS = {
  docs: { id: 'int4', owner: 'int4', team: 'int8', size: 'numeric', kind: 'text' },
  people: { id: 'int4', team: 'int4', name: 'text', ok: 'bool' },
  teams: { id: 'int4', mark: 'text' },
  loose: { id: 'int4', tag: 'text' },
} as const;

/** Names of those tables; `loose` has no key. */
export type TableName = keyof typeof COLUMNS;

/** A table's columns in order. */
export function columnsOfTable(table: TableName): readonly string[] {
  return Object.keys(COLUMNS[table]);
}

/** The plan of a shape of `docs` with all its columns. */
export function planOf(where: string): ShapePlan {
  const source = {
    schema: 'public',
    table: 'docs',
    columns: null,
    where,
    params: [],
    replica: 'default' as const,
  };
  return planShape(resolveShape(source, TABLES.get('docs')!, 'epoch', find), find);
}

const find: InnerTables = (_, table) => TABLES.get(table);
const TABLES = new Map(Object.keys(COLUMNS).map((name, i) => [name, describeTable(name as TableName, i)]));

function describeTable(table: TableName, index: number): TableSchema {
  const columns = Object.entries(COLUMNS[table]).map(([name, type], i): TableColumn => {
    return {
      name,
      number: i + 1,
      typeOid: 20 + i,
      typeModifier: -1,
      typeName: type,
      notNull: false,
      dimensions: 0,
      generated: false,
      keyIndex: i === 0 && table !== 'loose' ? 0 : null,
      domain: false,
      scalar: builtInType(type)!,
    };
  });
  return {
    fingerprint: table,
    oid: index + 1,
    schema: 'public',
    table,
    columns,
    key: columns.filter(({ keyIndex }) => keyIndex !== null),
    identityFull: true,
    partitioned: false,
    partition: false,
  };
}
