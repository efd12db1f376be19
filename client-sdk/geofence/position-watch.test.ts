import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import { describe, expect, it } from 'vitest';
import { oneByOne } from '../platform/one-by-one.ts';
import { WATCHED_FORECASTS } from './forecast-places.ts';
import type { PlaceMemory, RiskNotice } from './geofence.ts';
import type { PositionSource, PositionWatchOptions, SourcePosition } from './position-source.ts';
import { POSITION_GOOD_FOR_MS, PositionWatch, STALE_AFTER_MS } from './position-watch.ts';
import type { WatchGround } from './position-watch.ts';

const HOME = { place_id: 'home', name: 'Home', risk: 0.6, lat: 59.33, lon: 18.06, radius_m: 300 };
const WITHIN = { lat: 59.33, lon: 18.06, accuracyM: 20 };
const AWAY = { lat: 59.4, lon: 18.06, accuracyM: 20 };

/** A device with a clock and places of the test's own; watches made on it are as tabs of one store. */
function device() {
  const memories = new Map<string, readonly PlaceMemory[]>();
  const exclusively = oneByOne();
  const state = {
    now: 1_000_000_000,
    rows: [HOME] as Record<string, unknown>[],
    lastContactAt: undefined as Date | undefined,
    queries: 0,
    failure: undefined as Error | undefined,
    changed: new Set<() => void>(),
    listensTo: '',
  };
  const ground: WatchGround = {
    memory: {
      load: async (name) => memories.get(name) ?? [],
      save: async (name, memory) => void memories.set(name, memory),
    },
    now: () => state.now,
    async query() {
      state.queries += 1;
      if (state.failure !== undefined) throw state.failure;
      return state.rows;
    },
    onChange(sql, changed) {
      state.listensTo = sql;
      state.changed.add(changed);
      return () => void state.changed.delete(changed);
    },
    exclusively,
    lastContactAt: () => state.lastContactAt,
  };
  /** A watch in a tab: what it told, and its source's `tell`. */
  const tab = (options: PositionWatchOptions = {}) => {
    const notices: RiskNotice[] = [];
    const errors: string[] = [];
    let tell: (position: SourcePosition) => void = () => {};
    let isOn = false;
    const source: PositionSource = (given) => {
      [tell, isOn] = [given, true];
      return () => void (isOn = false);
    };
    const onError = ({ code }: { code: string }) => void errors.push(code);
    const watch = new PositionWatch(ground, (notice) => notices.push(notice), { onError, ...options });
    watch.start(source);
    const at = async (position: SourcePosition, laterMs = 0) => {
      state.now += laterMs;
      tell(position);
      await watch.quiet();
    };
    return {
      watch,
      notices,
      errors,
      at,
      tell: (position: SourcePosition) => tell(position),
      isOn: () => isOn,
    };
  };
  const change = async (watch: PositionWatch) => {
    for (const changed of state.changed) changed();
    await watch.quiet();
  };
  return { state, tab, change, memories };
}

describe('PositionWatch', () => {
  it('tells of a place that is entered once in a cool-down, also when it is begun anew', async () => {
    const { tab } = device();
    const first = tab({ coolDownMs: 60_000 });
    await first.at(AWAY);
    expect(first.notices).toEqual([]);
    await first.at(WITHIN);
    await first.at(WITHIN, 1_000);
    expect(first.notices).toMatchObject([{ placeId: 'home', name: 'Home', risk: 0.6 }]);
    await first.at(AWAY, 1_000);
    first.watch.end();
    const second = tab({ coolDownMs: 60_000 });
    await second.at(WITHIN, 1_000);
    await second.at(AWAY, 1_000);
    expect(second.notices).toEqual([]);
    await second.at(WITHIN, 60_000);
    expect(second.notices).toHaveLength(1);
  });

  it('tells in one of two tabs that see the same, and in each of two watches of different names', async () => {
    const { tab } = device();
    const tabs = [tab(), tab(), tab({ name: 'other' })];
    await Promise.all(tabs.map(({ at }) => at(WITHIN)));
    expect(tabs.slice(0, 2).flatMap(({ notices }) => notices)).toHaveLength(1);
    expect(tabs[2]?.notices).toHaveLength(1);
  });

  it('heeds the threshold of the place before that of the options', async () => {
    const { state, tab } = device();
    state.rows = [
      { ...HOME, threshold: 0.7 },
      { ...HOME, place_id: 'work' },
    ];
    const { at, notices } = tab({ threshold: 0.6 });
    await at(WITHIN);
    expect(notices.map(({ placeId }) => placeId)).toEqual(['work']);
  });

  it('looks again when the rows change, as long as the position says where the device is', async () => {
    const { state, tab, change } = device();
    state.rows = [{ ...HOME, risk: 0.1 }];
    const { watch, at, notices } = tab();
    await at(WITHIN);
    state.rows = [HOME];
    state.now += POSITION_GOOD_FOR_MS + 1;
    await change(watch);
    expect(notices).toEqual([]);
    state.now -= 1;
    await change(watch);
    expect(notices).toHaveLength(1);
  });

  it('marks what is said when the server has not been heard of for an hour', async () => {
    const { state, tab } = device();
    const [a, b, c] = [tab({ name: 'a' }), tab({ name: 'b' }), tab({ name: 'c' })];
    await a.at(WITHIN);
    state.lastContactAt = new Date(state.now);
    await b.at(WITHIN, STALE_AFTER_MS - 1);
    await c.at(WITHIN, 1);
    expect([a, b, c].map(({ notices }) => notices[0]?.isStale)).toEqual([true, false, true]);
  });

  it('keeps the newest of many positions, and asks no more often than it can look', async () => {
    const { state, tab } = device();
    const { watch, tell, notices } = tab();
    for (let n = 0; n < 1_000; n += 1) tell(n === 999 ? AWAY : WITHIN);
    await watch.quiet();
    expect(state.queries).toBeLessThanOrEqual(2);
    expect(notices.length).toBeLessThanOrEqual(1);
  });

  it('says with a code what keeps it from telling, and goes on', async () => {
    const { state, tab } = device();
    const { at, errors, notices } = tab();
    await at({ lat: NaN, lon: 18, accuracyM: 5 });
    state.failure = new Error('syntax error');
    await at(WITHIN);
    state.failure = undefined;
    state.rows = [{ place_id: 'home' }];
    await at(WITHIN);
    state.rows = [HOME];
    await at(WITHIN);
    expect(errors).toEqual(['invalid_position', 'query_failed', 'invalid_place']);
    expect(notices).toHaveLength(1);
  });

  it('hears of changes of all that the default places are made of', () => {
    const { state, tab } = device();
    tab();
    const named = [...CATALOG.keys()].filter((name) =>
      new RegExp(`\\b${name}\\b`).test(WATCHED_FORECASTS.sql),
    );
    expect(named).toEqual(['my_watches', 'predictions']);
    for (const name of named) expect(state.listensTo).toContain(name);
  });

  it('stops its source, and tells nothing more, not even what is under way', async () => {
    const { state, tab } = device();
    const { watch, tell, notices, isOn } = tab();
    tell(WITHIN);
    watch.end();
    tell(WITHIN);
    await watch.quiet();
    expect([isOn(), notices, state.changed.size]).toEqual([false, [], 0]);
  });

  it('leaves nothing behind when the source throws at its start', () => {
    const { state, tab } = device();
    const { watch } = tab();
    watch.end();
    expect(() =>
      watch.start(() => {
        throw new Error('no receiver');
      }),
    ).toThrow('no receiver');
    expect(state.changed.size).toBe(0);
  });
});
