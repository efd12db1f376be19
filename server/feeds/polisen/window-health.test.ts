import { describe, expect, it } from 'vitest';
import { createGazetteer } from '../../areas/gazetteer.ts';
import type { FeedItem, FeedWindow, KnownWindow } from '../feed.ts';
import { readEvent } from './read-window.ts';
import { RAW_TYPES } from '../taxonomy.ts';
import { judgeWindow, typeCountOf } from './window-health.ts';

const gazetteer = createGazetteer();
const rawTypes = Object.keys(RAW_TYPES);
const places = gazetteer.all().filter(({ kind }) => kind === 'municipality');
const NOW = new Date('2025-01-08T12:00:00Z');

function itemOf(
  id: number,
  type = rawTypes[id % rawTypes.length],
  place = places[id % places.length]?.name,
): FeedItem {
  const event = {
    sourceId: String(id),
    datetime: '2025-01-08 9:05:00 +01:00',
    name: `08 januari 08.00, ${type}, ${place}`,
    summary: '',
    type: type ?? '',
    locationName: place ?? null,
    payload: { id },
  };
  const item = readEvent(event, gazetteer);
  if (item === undefined) throw new Error('no such item');
  return item;
}

/** The items `from` down to `from - size + 1`, as the feed would show them. */
function windowOf(from: number, size: number, change: Partial<FeedWindow> = {}): FeedWindow {
  const items = change.items ?? Array.from({ length: size }, (_, index) => itemOf(from - index));
  return {
    items,
    presentIds: items.map(({ sourceId }) => sourceId),
    setAside: 0,
    hidesIds: false,
    ...change,
  };
}

function knownOf(window: FeedWindow, hoursAgo: number): KnownWindow {
  return {
    sourceIds: window.presentIds,
    typeCount: typeCountOf(window),
    seenAt: new Date(NOW.getTime() - hoursAgo * 3_600_000),
  };
}

const judge = (window: FeedWindow, known?: KnownWindow) => judgeWindow(window, known, NOW);
const full = { healthy: true, full: true };

describe('judgeWindow', () => {
  const known = knownOf(windowOf(1_000, 500), 0.1);

  it('takes a window like the last one as full, and the first as proving nothing', () => {
    expect(judge(windowOf(1_010, 500), known)).toEqual(full);
    expect(judge(windowOf(1_010, 500))).toEqual({ healthy: true, full: false });
  });

  it.each([
    ['empty_list', windowOf(0, 0)],
    ['malformed_items', windowOf(1_000, 100, { setAside: 12 })],
    ['single_type', windowOf(0, 0, { items: Array.from({ length: 60 }, (_, id) => itemOf(id, 'Inbrott')) })],
    [
      'few_types',
      windowOf(0, 0, { items: Array.from({ length: 300 }, (_, id) => itemOf(id, rawTypes[id % 3])) }),
    ],
    [
      'few_places',
      windowOf(0, 0, { items: Array.from({ length: 300 }, (_, id) => itemOf(id, undefined, 'Lund')) }),
    ],
  ])('says %s of a first window', (reason, window) => {
    expect(judge(window)).toEqual({ healthy: false, reason });
  });

  it.each([
    ['few_types', windowOf(0, 0, { items: [itemOf(1_001), itemOf(1_000)] })],
    ['partial_window', windowOf(1_000, 440)],
    ['little_overlap', windowOf(1_200, 500)],
    ['mass_missing', windowOf(0, 0, { items: windowOf(1_000, 560).items.filter((_, at) => at > 40) })],
  ])('says %s, measured against the last window', (reason, window) => {
    expect(judge(window, known)).toEqual({ healthy: false, reason });
  });

  it('accepts after a gap what the gap explains', () => {
    expect(judge(windowOf(1_200, 500), knownOf(windowOf(1_000, 500), 60))).toEqual(full);
    expect(judge(windowOf(1_490, 500), knownOf(windowOf(1_000, 500), 164))).toEqual(full);
    expect(judge(windowOf(9_000, 500), knownOf(windowOf(1_000, 500), 200))).toEqual(full);
  });

  it('lets no verdict last for ever, and lets a list that stays short prove nothing at first', () => {
    const dayOld = knownOf(windowOf(1_000, 500), 25);
    expect(judge(windowOf(1_000, 300), dayOld)).toEqual({ healthy: true, full: false });
  });

  it('lets a small feed lose one item', () => {
    expect(judge(windowOf(3, 2), knownOf(windowOf(3, 3), 0.1))).toEqual(full);
    expect(judge(windowOf(3, 2, { hidesIds: true }), knownOf(windowOf(3, 3), 0.1))).toEqual({
      healthy: true,
      full: false,
    });
  });
});
