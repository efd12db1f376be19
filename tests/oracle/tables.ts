import type { ColumnType } from '@halo/shapes/catalog/shape.ts';

/** A column of the oracle's tables, with the values that its rows and conditions are made of. */
export interface OracleColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly sqlType: string;
  /** SQL literals, few enough that rows and conditions meet often. */
  readonly literals: readonly string[];
  /** What a condition may ask of it; `none` where it only travels along. */
  readonly compares: 'order' | 'equality' | 'boolean' | 'none';
}

export interface OracleTable {
  readonly name: string;
  readonly key: readonly OracleColumn[];
  readonly values: readonly OracleColumn[];
  /** Without a primary key (its key is unique all the same), or in partitions by the key's last column. */
  readonly kind?: 'keyless' | 'partitioned';
}

const LONG = `repeat(md5('%'), 120)`;

function numbers(name: string, to: number, type: 'int4' | 'int8' = 'int4'): OracleColumn {
  const literals = Array.from({ length: to }, (_, i) => String(i));
  return { name, type, sqlType: type, literals, compares: 'order' };
}

function texts(name: string, literals: readonly string[]): OracleColumn {
  return { name, type: 'text', sqlType: 'text', literals, compares: 'equality' };
}

/**
 * The tables that all shapes are over: a plain one of many types, one with a composite key, one with a text
 * key and names that need quotes, one without a primary key, and one in partitions. Their long values are stored out of line, so that an update that does not touch
 * them brings them as unchanged.
 */
export const ORACLE_TABLES: readonly OracleTable[] = [
  {
    name: 'items',
    key: [numbers('id', 120)],
    values: [
      texts('grp', [`'a'`, `'b'`, `'c'`, `'d e'`]),
      numbers('n', 8),
      { name: 'flag', type: 'bool', sqlType: 'bool', literals: ['true', 'false'], compares: 'boolean' },
      texts('note', [`''`, `'n/"\\ 1'`, `'ÅÄÖ é'`, `E'tab\\tline\\n'`, `'%_'`]),
      { name: 'far', type: 'text', sqlType: 'text', literals: far(), compares: 'none' },
      {
        name: 'price',
        type: 'float8',
        sqlType: 'float8',
        literals: [`'0'`, `'-0'`, `'1.5'`, `'NaN'`, `'Infinity'`, `'-Infinity'`],
        compares: 'order',
      },
    ],
  },
  {
    name: 'pairs',
    key: [numbers('a', 12), texts('b', [`'x'`, `'x/y'`, `'"'`, `'_'`, `'Z'`, `''`])],
    values: [
      numbers('big', 5, 'int8'),
      {
        name: 'at',
        type: 'timestamptz',
        sqlType: 'timestamptz',
        literals: [`'2024-01-01T00:00:00Z'`, `'2025-06-30T12:00:00.5Z'`, `'1999-12-31T23:59:59Z'`],
        compares: 'order',
      },
      {
        name: 'mood',
        type: 'text',
        sqlType: 'mood',
        literals: [`'fine'`, `'so so'`, `'bad'`],
        compares: 'equality',
      },
      texts('grp', [`'a'`, `'b'`, `'c'`]),
    ],
  },
  {
    name: 'Mixed Case',
    key: [
      texts(
        'Key',
        Array.from({ length: 40 }, (_, i) => `'k/${i}"'`),
      ),
    ],
    values: [
      { ...texts('select', [`'A'`, `'a'`, `'Z'`, `'é'`]), sqlType: 'text COLLATE "C"', compares: 'order' },
      {
        name: 'u',
        type: 'uuid',
        sqlType: 'uuid',
        literals: [1, 2, 3].map((i) => `'00000000-0000-4000-8000-00000000000${i}'`),
        compares: 'order',
      },
      numbers('n', 4),
      {
        name: 'doc',
        type: 'jsonb',
        sqlType: 'jsonb',
        literals: [`'{"b":1,"a":[2]}'`, `'null'`],
        compares: 'none',
      },
    ],
  },
  {
    name: 'loose',
    kind: 'keyless',
    key: [numbers('tag', 50)],
    values: [texts('grp', [`'a'`, `'b'`, `'_'`]), numbers('n', 5), texts('note', [`''`, `'x/"y'`, `'a_%'`])],
  },
  {
    name: 'parted',
    kind: 'partitioned',
    key: [numbers('id', 40), numbers('part', 4)],
    values: [texts('grp', [`'a'`, `'b'`, `'c'`]), numbers('n', 5), texts('note', [`''`, `'Abc'`, `'abd'`])],
  },
];

function far(): string[] {
  return ['1', '2', '3'].map((i) => LONG.replace('%', i));
}

/** Quotes a name for SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Makes the tables and publishes them. */
export function createTablesSql(): string {
  return [
    `CREATE TYPE mood AS ENUM ('fine', 'so so', 'bad');`,
    'ALTER PUBLICATION halo SET (publish_via_partition_root = true);',
    ...ORACLE_TABLES.map(createTableSql),
  ].join('\n');
}

function createTableSql({ name, key, values, kind }: OracleTable): string {
  const columns = [...key, ...values].map((column) => `${quoted(column.name)} ${column.sqlType}`);
  const unique = `(${key.map((column) => quoted(column.name)).join(', ')})`;
  const constraint = `${kind === 'keyless' ? 'UNIQUE' : 'PRIMARY KEY'} ${unique}`;
  const partitioned = kind === 'partitioned';
  const by = partitioned ? `PARTITION BY LIST (${quoted(key.at(-1)!.name)})` : '';
  const partitions = partitioned ? [[0, 1], [2], [3]].map((parts) => partitionSql(name, parts)) : [];
  return `CREATE TABLE ${quoted(name)} (${[...columns, constraint].join(', ')}) ${by};
    ALTER TABLE ${quoted(name)} REPLICA IDENTITY FULL;
    ${partitions.join('\n')}
    ALTER PUBLICATION halo ADD TABLE ${quoted(name)};`;
}

function partitionSql(table: string, parts: readonly number[]): string {
  const name = quoted(`${table}_${parts.join('_')}`);
  return `CREATE TABLE ${name} PARTITION OF ${quoted(table)} FOR VALUES IN (${parts.join(', ')});
    ALTER TABLE ${name} REPLICA IDENTITY FULL;`;
}
