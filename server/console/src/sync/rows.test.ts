import type { Message, Row } from '@electric-sql/client';
import { describe, expect, it } from 'vitest';
import { Rows, postgresTimeMs } from './rows.ts';
import type { Value } from './rows.ts';

type Sent = Message<Row<Value>>;
const change = (operation: 'insert' | 'update' | 'delete', key: string, value: Row<Value>): Sent => ({
  key,
  value,
  headers: { operation },
});
const control = (name: 'up-to-date' | 'must-refetch'): Sent => ({ headers: { control: name } });

describe('rows of a shape', () => {
  it('are whole at the end of an answer, and keep what an update does not name', () => {
    const rows = new Rows();
    expect(rows.apply([change('insert', 'a', { id: 'a', state: 'running', step: 'x' })])).toBe(false);
    expect(rows.apply([change('update', 'a', { id: 'a', state: 'failed' }), control('up-to-date')])).toBe(
      true,
    );
    expect(rows.all()).toEqual([{ id: 'a', state: 'failed', step: 'x' }]);
    rows.apply([change('delete', 'a', { id: 'a' }), control('up-to-date')]);
    expect(rows.all()).toEqual([]);
  });

  it('stay in sight while they are read anew, and give way to the new ones at once', () => {
    const rows = new Rows();
    rows.apply([
      change('insert', 'a', { id: 'a' }),
      change('insert', 'b', { id: 'b' }),
      control('up-to-date'),
    ]);
    rows.apply([control('must-refetch'), change('insert', 'b', { id: 'b' })]);
    expect(rows.all()).toHaveLength(2);
    rows.apply([control('up-to-date')]);
    expect(rows.all()).toEqual([{ id: 'b' }]);
  });
});

describe('postgresTimeMs', () => {
  it('reads what Postgres writes', () => {
    expect(postgresTimeMs('2026-01-31 08:00:00+00')).toBe(Date.UTC(2026, 0, 31, 8));
    expect(postgresTimeMs('2026-01-31 08:00:00.5+00')).toBe(Date.UTC(2026, 0, 31, 8, 0, 0, 500));
    expect(postgresTimeMs('2026-01-31 08:00:00.123456+00')).toBe(Date.UTC(2026, 0, 31, 8, 0, 0, 123));
  });
});
