import type { ChangeMessage } from '@halo/shapes/protocol/messages.ts';
import { describe, expect, it } from 'vitest';
import { LogBatch } from './log-batch.ts';

const change = (lsn: number | undefined, op: number, id = op): ChangeMessage => ({
  key: `"public"."incidents"/"${id}"`,
  value: { id: String(id) },
  headers: {
    operation: 'insert',
    relation: ['public', 'incidents'],
    ...(lsn === undefined ? {} : { lsn: String(lsn), op_position: op }),
  },
});
const END = { handle: 'h', offset: '70_inf' };

describe('a batch of the log', () => {
  it('is cut behind whole transactions, at the position of their last change', () => {
    const changes = [change(50, 0), change(50, 2), change(60, 0), change(70, 4)];
    const batch = new LogBatch(changes, END);
    expect(batch.cuts).toEqual([50n, 60n, 70n]);
    expect(batch.part(55n)).toEqual({
      changes: changes.slice(0, 2),
      position: { handle: 'h', offset: '50_2' },
    });
    // Asking takes nothing away.
    expect(batch.part(undefined)).toEqual({ changes, position: END });
    batch.drop(55n);
    expect(batch.cuts).toEqual([60n, 70n]);
    expect(batch.part(60n)).toEqual({ changes: [changes[2]], position: { handle: 'h', offset: '60_0' } });
    expect(batch.part(undefined)).toEqual({ changes: changes.slice(2), position: END });
  });

  it('is one whole where a change does not say where it stands', () => {
    expect(new LogBatch([change(50, 0), change(undefined, 0)], END).cuts).toEqual([]);
    expect(new LogBatch([change(60, 0), change(50, 0)], END).cuts).toEqual([]);
    expect(new LogBatch([], END).cuts).toEqual([]);
  });
});
