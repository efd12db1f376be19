import { describe, expect, it } from 'vitest';
import type { ShapeVerification } from '../api.ts';
import { oneByOne } from '../platform/one-by-one.ts';
import type { TabMessage, Tabs } from '../platform/tabs.ts';
import { realEnvironment } from './environment.ts';
import { TabVerification } from './tab-verification.ts';

/** Tabs that hear each other at once. */
function tabGroup(): () => Tabs {
  const listeners = new Map<Tabs, Set<(message: TabMessage) => void>>();
  return () => {
    const own = new Set<(message: TabMessage) => void>();
    const tabs: Tabs = {
      many: true,
      lead: () => Promise.resolve(),
      tell: (message) => {
        for (const [other, hear] of listeners)
          if (other !== tabs) for (const each of [...hear]) each(message);
      },
      exclusively: oneByOne(),
      onTold: (listener) => {
        own.add(listener);
        return () => void own.delete(listener);
      },
    };
    listeners.set(tabs, own);
    return tabs;
  };
}

const equal = (shape: string): ShapeVerification => ({
  ...{ shape, outcome: 'equal', offset: '1_0', device: 1, server: 1, rebuilt: false, at: new Date(0) },
  error: undefined,
});

function open(tabs: Tabs, leads: boolean, sleep = realEnvironment.sleep) {
  const stop = new AbortController();
  let asked = 0;
  const verification = new TabVerification({
    tabs,
    environment: { sleep },
    subscriptions: [{ id: 'areas' }],
    stop: stop.signal,
    leads: () => leads,
    verify: () => {
      asked += 1;
      return Promise.resolve([equal('areas'), equal('comments?region=01')]);
    },
  });
  return { verification, stop, asked: () => asked };
}

describe('comparing rows from any tab', () => {
  it('is done by the tab that streams, and told of the shapes of the one who asked', async () => {
    const tab = tabGroup();
    const [leader, follower] = [open(tab(), true), open(tab(), false)];
    expect(await follower.verification.verify()).toEqual([equal('areas')]);
    expect([leader.asked(), follower.asked()]).toEqual([1, 0]);
    expect(await leader.verification.verify()).toEqual([equal('areas')]);
    leader.stop.abort();
  });

  it('fails when no tab streams, or this one closes', async () => {
    const tab = tabGroup();
    const alone = open(tab(), false, () => Promise.resolve());
    await expect(alone.verification.verify()).rejects.toMatchObject({ code: 'no_answer' });
    const closing = open(tab(), false);
    const asking = closing.verification.verify();
    closing.stop.abort(new Error('closed'));
    await expect(asking).rejects.toThrow('closed');
  });
});
