import { PGlite } from '@electric-sql/pglite';
import { incidents } from '@halo/shapes/catalog/incidents.ts';
import type { ChangeMessage } from '@halo/shapes/protocol/messages.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { copying } from '../../client-sdk/platform/node/copying-replica.ts';
import { addRows } from '../../client-sdk/replica/add-rows.ts';
import type { ReplicaDatabase, ReplicaTransaction } from '../../client-sdk/replica/replica-database.ts';
import { ensureSchema } from '../../client-sdk/replica/schema.ts';
import { incidentRow, numberedId } from './client-samples.ts';

let database: ReplicaDatabase;
beforeAll(async () => {
  database = copying(await PGlite.create());
  await ensureSchema(database);
});
afterAll(() => database.close());

const insert = (id: number, more: Record<string, string>): ChangeMessage => ({
  key: '',
  value: { ...incidentRow(numberedId(id), '01'), ...more },
  headers: { operation: 'insert', relation: ['public', 'incidents'] },
});

/** Adds rows to a snapshot of that number; resolves with the statements it took. */
async function add(snapshot: number, ...changes: ChangeMessage[]): Promise<string[]> {
  const statements: string[] = [];
  await database.transaction((tx) => {
    const watched: ReplicaTransaction = {
      query: (sql, params) => (statements.push(sql), tx.query(sql, params)),
      copy: (...given) => (statements.push('COPY'), tx.copy!(...given)),
      exec: (sql) => (statements.push(sql), tx.exec(sql)),
    };
    return addRows(watched, incidents, snapshot, changes);
  });
  return statements;
}

async function stored(snapshot: number, column: 'type' | 'severity'): Promise<unknown[]> {
  const { rows } = await database.query<{ value: unknown; merged_into: string | null }>(
    `SELECT ${column} AS value, merged_into FROM synced.incidents WHERE _snapshot = $1 ORDER BY id`,
    [snapshot],
  );
  expect(rows.every((row) => row.merged_into === null)).toBe(true);
  return rows.map(({ value }) => value);
}

it('copies the rows of a snapshot, and takes no character of theirs for one of the format', async () => {
  const types = [
    '',
    '\\N',
    '\\.',
    '\\',
    'tab\tand \\t',
    'line\r\nends\n',
    '{"json":"\\n \\u00e5 🚲"}',
    'NULL',
  ];
  const statements = await add(1, ...types.map((type, id) => insert(id, { type })));
  expect(statements.map((sql) => sql.split(' ')[0])).toEqual(['SAVEPOINT', 'COPY', 'RELEASE']);
  expect(await stored(1, 'type')).toEqual(types);
});

it('takes a row that is there twice, in one part or in two, as the later one has it', async () => {
  await add(2, insert(1, {}), insert(2, {}), insert(2, { severity: '4' }));
  await add(2, insert(3, {}), insert(1, { severity: '5' }));
  expect(await stored(2, 'severity')).toEqual([5, 4, 3]);
});

it('tells of a value that no column takes', async () => {
  await expect(add(3, insert(1, {}), insert(2, { severity: 'high' }))).rejects.toThrow(/high/);
  expect(await stored(3, 'severity')).toEqual([]);
});
