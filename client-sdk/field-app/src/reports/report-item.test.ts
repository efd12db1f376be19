import { describe, expect, it } from 'vitest';
import type { OutboxEntry } from '@halo/client';
import { mergeReports } from './report-item.ts';
import type { MyReportRow } from './report-item.ts';

const row = (id: string, sync_state: string, status = 'active'): MyReportRow => ({
  id,
  type: 'theft',
  severity: 2,
  occurred_at: new Date(0),
  description: '',
  municipality: null,
  status,
  sync_state,
});
const entry = (id: string, state: OutboxEntry['state']): OutboxEntry => ({
  seq: 1,
  id,
  type: 'report.create',
  createdAt: '2026-11-25T12:00:00Z',
  args: { type: 'fire', severity: 3 },
  state,
  ...(state === 'rejected' ? { rejection: { code: 'occurred_at_too_old', message: 'Too old.' } } : {}),
});
const states = (items: ReturnType<typeof mergeReports>) => items.map(({ id, state }) => `${id} ${state}`);

describe('mergeReports', () => {
  it('shows each report once, the newest first', () => {
    const rows = [row('a', 'synced'), row('b', 'queued'), row('d', 'synced', 'withdrawn')];
    const merged = mergeReports(rows, [entry('b', 'pending'), entry('c', 'rejected')]);
    expect(states(merged)).toEqual(['d withdrawn', 'c rejected', 'b queued', 'a delivered']);
    expect(merged[1]?.rejection?.code).toBe('occurred_at_too_old');
  });

  it('shows the outbox alone when there is no replica', () => {
    const merged = mergeReports(undefined, [entry('b', 'pending')]);
    expect(merged).toMatchObject([{ id: 'b', type: 'fire', severity: 3, state: 'queued' }]);
  });
});
