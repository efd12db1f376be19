import { describe, expect, it, vi } from 'vitest';
import { PositionWatch } from './geofence/position-watch.ts';
import type { WatchGround } from './geofence/position-watch.ts';
import { loadPart } from './load-part.ts';
import { oneByOne } from './platform/one-by-one.ts';
import type { Tabs } from './platform/tabs.ts';
import { realEnvironment } from './sync/environment.ts';
import { LateVerifier } from './sync/late-verifier.ts';
import { TabVerification } from './sync/tab-verification.ts';
import type { VerifierOptions } from './sync/verifier.ts';

const missing = vi.hoisted(() => () => {
  throw new TypeError('Failed to fetch dynamically imported module');
});
vi.mock('./geofence/judge-places.ts', missing);
vi.mock('./sync/ask-leading-tab.ts', missing);
vi.mock('./sync/verifier.ts', missing);

const NOT_LOADED = { code: 'part_not_loaded' };

describe('a part of the client that is loaded late', () => {
  it('is given, or missed by a code with its cause', async () => {
    expect(await loadPart(() => Promise.resolve({ a: 1 }))).toEqual({ a: 1 });
    const cause = new TypeError('HTTP 404');
    await expect(loadPart(() => Promise.reject(cause))).rejects.toMatchObject({ ...NOT_LOADED, cause });
  });

  it('is missed so by who compares, in the tab that leads and in one that follows', async () => {
    const stop = new AbortController().signal;
    await expect(new LateVerifier({} as VerifierOptions).verify(stop)).rejects.toMatchObject(NOT_LOADED);
    const tabs: Tabs = {
      many: true,
      lead: () => Promise.resolve(),
      tell: () => {},
      onTold: () => () => {},
      exclusively: oneByOne(),
    };
    const follower = new TabVerification({
      ...{ tabs, stop, environment: realEnvironment, subscriptions: [] },
      leads: () => false,
      verify: () => Promise.resolve([]),
    });
    await expect(follower.verify()).rejects.toMatchObject(NOT_LOADED);
  });

  it('is missed so by who watches positions', async () => {
    const errors: string[] = [];
    const ground: WatchGround = {
      memory: { load: () => Promise.resolve([]), save: () => Promise.resolve() },
      now: () => 0,
      query: () => Promise.resolve([]),
      onChange: () => () => {},
      exclusively: oneByOne(),
      lastContactAt: () => undefined,
    };
    const watch = new PositionWatch(ground, () => {}, { onError: ({ code }) => void errors.push(code) });
    watch.start((tell) => {
      tell({ lat: 59.33, lon: 18.06, accuracyM: 20 });
      return () => {};
    });
    await watch.quiet();
    expect(errors).toEqual([NOT_LOADED.code]);
  });
});
