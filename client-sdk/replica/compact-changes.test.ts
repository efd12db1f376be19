import { incidents } from '@halo/shapes/catalog/incidents.ts';
import type { ChangeMessage } from '@halo/shapes/protocol/messages.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compactChanges } from './compact-changes.ts';

type Row = Record<string, string | null>;
const change = (operation: 'insert' | 'update' | 'delete', value: Row): ChangeMessage => ({
  key: `"incidents"/"${value.id ?? ''}"`,
  value,
  headers: { operation, relation: ['public', 'incidents'] },
});

describe('the net effect of changes', () => {
  it('is the same as that of taking them one by one', () => {
    const id = fc.constantFrom('1', '2', '3');
    const operation = fc.record({ id, kind: fc.nat(2), severity: fc.constantFrom('1', '2', null) });
    fc.assert(
      fc.property(
        fc.array(operation, { maxLength: 30 }),
        fc.subarray(['1', '2', '3']),
        (operations, before) => {
          const oneByOne = new Map<string, Row>(
            before.map((key) => [key, { id: key, severity: '0', type: 'x' }]),
          );
          const together = new Map(oneByOne);
          const changes: ChangeMessage[] = [];
          for (const { id: key, kind, severity } of operations) {
            const row = oneByOne.get(key);
            if (row === undefined) {
              oneByOne.set(key, { id: key, severity, type: 'new' });
              changes.push(change('insert', { id: key, severity, type: 'new' }));
            } else if (kind === 0) {
              oneByOne.delete(key);
              changes.push(change('delete', { id: key }));
            } else {
              oneByOne.set(key, { ...row, severity });
              changes.push(change('update', { id: key, severity }));
            }
          }
          const net = compactChanges(incidents, changes);
          for (const row of net.deletes) together.delete(row.id!);
          for (const row of net.upserts) together.set(row.id!, row);
          for (const row of net.updates) together.set(row.id!, { ...together.get(row.id!)!, ...row });
          expect(Object.fromEntries(together)).toEqual(Object.fromEntries(oneByOne));
          const keys = [...net.deletes, ...net.upserts, ...net.updates].map((row) => row.id);
          expect(new Set(keys).size).toBe(keys.length);
        },
      ),
    );
  });
});
