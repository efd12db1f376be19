import { describe, expect, it } from 'vitest';
import type { OutboxEntry } from '@halo/client';
import { briefOf } from '../queue/outbox-briefs.ts';
import { aboutReports } from '../queue/report-entries.ts';
import { mergeReports, windowOf } from './report-item.ts';
import type { MyReportRow } from './report-item.ts';

const row = (id: string, changes: Partial<MyReportRow> = {}): MyReportRow => ({
  id,
  type: 'theft',
  severity: 2,
  occurred_at: new Date(0),
  description: '',
  lat: 59,
  lon: 18,
  accuracy_m: 10,
  municipality: null,
  district: null,
  status: 'active',
  version: 1,
  sync_state: 'synced',
  verification: null,
  report_count: null,
  ...changes,
});
const entry = (id: string, state: OutboxEntry['state'], changes: Partial<OutboxEntry> = {}): OutboxEntry => ({
  seq: 1,
  id,
  type: 'report.create',
  createdAt: '2026-11-25T12:00:00Z',
  args: { type: 'fire', severity: 3 },
  state,
  ...(state === 'rejected' ? { rejection: { code: 'occurred_at_too_old', message: 'Too old.' } } : {}),
  ...changes,
});
const about = (entries: readonly OutboxEntry[]) => aboutReports(entries.map(briefOf));
/** The list that these rows and this whole outbox make. */
const merge = (rows: readonly MyReportRow[] | undefined, entries: readonly OutboxEntry[]) =>
  mergeReports(
    rows,
    entries.filter(({ type }) => type === 'report.create'),
    about(entries),
  );
const stages = (items: ReturnType<typeof mergeReports>) => items.map(({ id, stage }) => `${id} ${stage}`);

describe('mergeReports', () => {
  it('shows each report once, the newest first', () => {
    const rows = [
      row('a'),
      row('b', { version: null, sync_state: 'queued' }),
      row('d', { status: 'withdrawn' }),
    ];
    const merged = merge(rows, [entry('b', 'pending'), entry('c', 'rejected')]);
    expect(stages(merged)).toEqual(['d withdrawn', 'c rejected', 'b queued', 'a delivered']);
    expect(merged[1]?.refused?.rejection?.code).toBe('occurred_at_too_old');
  });

  it('shows the outbox alone when there is no replica', () => {
    const merged = merge(undefined, [entry('b', 'pending')]);
    expect(merged).toMatchObject([{ id: 'b', type: 'fire', severity: 3, stage: 'queued' }]);
  });

  it('follows a report into its incident, and counts the others', () => {
    const of = (verification: string, report_count: number) =>
      merge([row('a', { verification, report_count })], [])[0];
    expect(of('unverified', 1)).toMatchObject({ stage: 'delivered', others: 0 });
    expect(of('unverified', 3)).toMatchObject({ stage: 'linked', others: 2 });
    expect(of('corroborated', 3)).toMatchObject({ stage: 'corroborated', others: 2 });
    expect(of('verified', 1)).toMatchObject({ stage: 'verified', others: 0 });
    expect(of('dismissed', 1)).toMatchObject({ stage: 'dismissed' });
    expect(of('a word of a later version', 1)).toMatchObject({ stage: 'delivered' });
  });

  it('keeps a delivered report delivered while a change of it waits, and shows the change with it', () => {
    const amend = entry('m', 'pending', { type: 'report.amend', args: { reportId: 'a', changes: {} } });
    const withdraw = entry('n', 'rejected', { type: 'report.withdraw', args: { reportId: 'a' } });
    const comment = entry('o', 'pending', { type: 'comment.create', args: { reportId: 'a', body: 'x' } });
    const merged = merge([row('a', { sync_state: 'queued' })], [amend, withdraw, comment]);
    expect(stages(merged)).toEqual(['a delivered']);
    expect(merged[0]?.changes.map(({ id }) => id)).toEqual(['m', 'n']);
  });
});

describe('windowOf', () => {
  const ids = (entries: readonly { id: string }[]) => entries.map(({ id }) => id);

  it('counts each report once, and asks the outbox for the newest that it alone knows', () => {
    const rows = [row('f'), row('e', { version: null, sync_state: 'queued' })];
    const entries = about([entry('c', 'rejected'), entry('d', 'rejected'), entry('e', 'pending')]);
    const all = windowOf(rows, 2, entries, 40);
    expect([all.total, ids(all.fromOutbox)]).toEqual([4, ['c', 'd']]);
    const three = windowOf(rows, 2, entries, 3);
    expect([three.total, ids(three.fromOutbox)]).toEqual([4, ['d']]);
  });

  it('leaves what waits behind the window to the replica, which counts it', () => {
    const window = windowOf([row('z')], 7, about([entry('a', 'pending')]), 1);
    expect([window.total, window.fromOutbox]).toEqual([7, []]);
  });

  it('is the outbox alone where there is no replica', () => {
    const many = Array.from({ length: 700 }, (_, n) => entry(String(n).padStart(3, '0'), 'pending'));
    const window = windowOf(undefined, 0, about(many), 2);
    expect([window.total, ids(window.fromOutbox)]).toEqual([700, ['698', '699']]);
  });
});
