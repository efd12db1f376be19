import { expect, it } from 'vitest';
import { auditEntrySchema } from '@halo/shapes/protocol/audit-log.ts';
import { isLookedAt, newsOf, withNews } from './audit-entry.ts';

const AT = Date.UTC(2026, 2, 3, 12);
const ID = '01936d2a-0000-7000-8000-00000000000';
const row = (n: number, minute = n) => ({
  ...{ id: `${ID}${n}`, at: AT + minute * 60_000, actor_id: null, actor_kind: 'system', actor_role: null },
  ...{ action: 'model.pinned', target_kind: 'model', target_id: `m${n}`, outcome: 'done', reason: 'good' },
  ...{ details: { series: 'cell-9' }, address: null, request_id: 'r' },
});

const ALL = { action: undefined, outcome: undefined, targetId: undefined };
const entryOf = (n: number, minute = n) => auditEntrySchema.parse(newsOf(row(n, minute)));

it('a new row of the shape is an entry of the API', () => {
  expect(entryOf(1)).toEqual(newsOf(row(1)));
  expect(entryOf(1)).toMatchObject({ at: '2026-03-03T12:01:00.000Z', targetId: 'm1', reason: 'good' });
});

it('only what is looked at is shown of what comes', () => {
  expect(isLookedAt(entryOf(1), ALL)).toBe(true);
  expect(isLookedAt(entryOf(1), { action: 'model.pinned', outcome: 'done', targetId: 'm1' })).toBe(true);
  for (const other of [{ action: 'user.disabled' }, { outcome: 'refused' }, { targetId: 'm2' }]) {
    expect(isLookedAt(entryOf(1), { ...ALL, ...other })).toBe(false);
    expect(withNews([newsOf(row(1))], [], { ...ALL, ...other })).toEqual([]);
  }
});

it('what came is above what was read, each once; of what was read it may tell no more than what changed', () => {
  const forgotten = newsOf({ id: row(2).id, target_id: null });
  const unknown = newsOf({ id: row(9).id, target_id: null });
  const shown = withNews(
    [forgotten, unknown, newsOf(row(4, 3)), newsOf(row(3)), newsOf(row(1))],
    [entryOf(2), entryOf(1)],
    ALL,
  );
  expect(shown.map(({ id, targetId, action }) => [id.slice(-1), targetId, action])).toEqual([
    ['4', 'm4', 'model.pinned'],
    ['3', 'm3', 'model.pinned'],
    ['2', null, 'model.pinned'],
    ['1', 'm1', 'model.pinned'],
  ]);
});
