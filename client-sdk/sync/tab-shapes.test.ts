import { describe, expect, it } from 'vitest';
import { subscriptionsOf } from '../replica/subscription.ts';
import { TabShapes } from './tab-shapes.ts';

const shape = (region: string) => ({ name: 'incidents', params: { region } });
const ALWAYS = ['my_mutations', 'my_reports'];

function tabShapes() {
  const clock = { ms: 0 };
  const shapes = new TabShapes(subscriptionsOf([shape('01')]), () => clock.ms);
  const ids = () => shapes.all().map(({ id }) => id);
  return { shapes, clock, ids };
}

describe('the shapes that tabs want', () => {
  it('are those of all tabs, each once, until a tab closes', () => {
    const { shapes, ids } = tabShapes();
    shapes.heard('b', [shape('12'), shape('01')]);
    shapes.heard('c', [shape('12')]);
    expect(ids().toSorted()).toEqual(['incidents?region=01', 'incidents?region=12', ...ALWAYS]);
    shapes.heard('b', []);
    expect(ids()).toContain('incidents?region=12');
    shapes.heard('c', []);
    expect(ids().toSorted()).toEqual(['incidents?region=01', ...ALWAYS]);
  });

  it('are looked at as often as the tab wishes that wishes it most', () => {
    const clock = { ms: 0 };
    const rare = { ...shape('01'), lookEveryMs: 60_000 };
    const shapes = new TabShapes(subscriptionsOf([rare]), () => clock.ms);
    const often = () => shapes.all().find(({ id }) => id === 'incidents?region=01')?.lookEveryMs;
    expect(often()).toBe(60_000);
    shapes.toServe();
    shapes.heard('b', [{ ...rare, lookEveryMs: 5_000 }]);
    expect([often(), shapes.changed]).toEqual([5_000, true]);
    shapes.heard('c', [shape('01')]);
    expect(often()).toBeUndefined();
    shapes.heard('d', [{ ...rare, lookEveryMs: 1 }]);
    expect(shapes.all()).toHaveLength(3);
    expect(() => subscriptionsOf([{ ...rare, lookEveryMs: 1 }])).toThrow(/lookEveryMs/);
  });

  it('are to be served anew only when another tab changes what all want together', () => {
    const { shapes } = tabShapes();
    shapes.toServe();
    shapes.heard('b', [shape('01')]);
    expect(shapes.changed).toBe(false);
    shapes.heard('b', [shape('12')]);
    expect(shapes.changed).toBe(true);
    shapes.toServe();
    expect(shapes.changed).toBe(false);
  });

  it('forgets a tab that has long said nothing, and what another version of the app wants alone', () => {
    const { shapes, clock, ids } = tabShapes();
    shapes.heard('b', [shape('12'), { name: 'of_another_version' }]);
    expect(ids()).toHaveLength(4);
    clock.ms = 299_000;
    expect(ids()).toHaveLength(4);
    clock.ms = 301_000;
    expect(ids()).toHaveLength(3);
    expect(shapes.changed).toBe(true);
  });

  it('forgets a tab as soon when the clock has been set back by years meanwhile', () => {
    const { shapes, clock, ids } = tabShapes();
    clock.ms = 1e12;
    shapes.heard('b', [shape('12')]);
    clock.ms = 1_000;
    expect(ids()).toHaveLength(4);
    clock.ms += 301_000;
    expect(ids()).toHaveLength(3);
  });

  it('holds no more tabs than it can serve', () => {
    const { shapes, ids } = tabShapes();
    for (let n = 0; n < 1_000; n += 1) shapes.heard(`tab ${n}`, [shape(String(10 + (n % 90)))]);
    expect(ids().length).toBeLessThan(60);
  });
});
