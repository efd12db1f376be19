import { beforeEach, describe, expect, it } from 'vitest';
import { DeviceBook } from './device-book.ts';
import type { HeardDevice } from './device-book.ts';
import { DUE_MS, EVENTS_DUE_MS } from './judge-device.ts';

const MINUTE_MS = 60_000;
const idOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const position = (shape: string, run = 'r', given = {}) => ({
  ...{ shape, phase: 'live' as const, offset: '5_0', run, looks: false, events: false, ...given },
});

let nowMs: number;
let book: DeviceBook;
beforeEach(() => {
  nowMs = 1_000_000;
  book = new DeviceBook(() => nowMs);
});
const hear = (n = 1, given: object = {}): HeardDevice =>
  book.heard({ userId: 'u', sessionId: `s${n}`, report: { id: idOf(n), ...given } });
/** Kinds and codes of what is to be written, with how often. */
const events = () => book.takeEvents().map(({ kind, code, times }) => [kind, code, times]);

describe('events', () => {
  it('that happen again within a minute are one, told with how often when the minute is over', () => {
    const device = hear();
    for (let n = 0; n < 7; n += 1) book.refused(device, 'refused', 'areas', 'forbidden');
    expect(events()).toEqual([
      ['came', null, 1],
      ['refused', 'forbidden', 1],
    ]);
    nowMs += MINUTE_MS - 1;
    expect(events()).toEqual([]);
    nowMs += 1;
    expect(events()).toEqual([['refused', 'forbidden', 6]]);
    book.refused(device, 'refused', 'areas', 'forbidden');
    expect(events()).toEqual([['refused', 'forbidden', 1]]);
  });

  it('that are ever new are no more than twenty a minute of one device, and go on when the minute is over', () => {
    const device = hear();
    for (let n = 0; n < 100; n += 1) book.refused(device, 'refused', null, `code_${n}`);
    // One of them is that it came.
    expect(events()).toHaveLength(20);
    expect(device.recent.size).toBe(20);
    book.refused(device, 'refused', null, 'another');
    expect(events()).toEqual([]);
    // Those of the twenty are still counted, and others of another device are not held back by them.
    book.refused(device, 'refused', null, 'code_3');
    book.refused(hear(2), 'refused', null, 'another');
    expect(events()).toEqual([
      ['came', null, 1],
      ['refused', 'another', 1],
    ]);
    nowMs += MINUTE_MS;
    expect(events()).toEqual([['refused', 'code_3', 1]]);
    book.refused(device, 'refused', null, 'another');
    expect(events()).toEqual([['refused', 'another', 1]]);
  });

  it('that cannot be written are no more than five thousand, and the oldest go first', () => {
    for (let n = 0; n < 5_100; n += 1) hear(n);
    const taken = book.takeEvents();
    expect(taken).toHaveLength(5_000);
    hear(6_000);
    hear(6_001);
    book.giveBack(taken);
    const again = book.takeEvents();
    expect(again).toHaveLength(5_000);
    expect([again[0]!.deviceId, again.at(-1)!.deviceId]).toEqual([idOf(2), idOf(6_001)]);
  });

  it('tell of a new version, of what the device says is wrong, and that it is over', () => {
    hear(1, { v: '1' });
    hear(1, { v: '2', e: 'replica_full' });
    hear(1, { v: '2', e: 'replica_full' });
    hear(1, { v: '2' });
    expect(events()).toEqual([
      ['came', null, 1],
      ['version', '2', 1],
      ['error', 'replica_full', 1],
      ['recovered', 'replica_full', 1],
    ]);
  });
});

describe('devices', () => {
  it('are no more than fifty thousand: the one unheard for longest is forgotten', () => {
    for (let n = 0; n < 50_000; n += 1) hear(n);
    hear(0);
    hear(50_000);
    const ids = [...book.all()].map(({ id }) => id);
    expect(ids).toHaveLength(50_000);
    expect([ids[0], ids.includes(idOf(0)), ids.includes(idOf(1))]).toEqual([idOf(2), true, false]);
  });

  it('follow no more than 64 shapes, the newest', () => {
    const device = hear();
    for (let n = 0; n < 70; n += 1) book.asked(device, position(`shape${n}`));
    expect([...device.shapes.keys()]).toHaveLength(64);
    expect([device.shapes.has('shape5'), device.shapes.has('shape69')]).toEqual([false, true]);
  });

  it('follow what their newest run asks for, and nothing of the one before', () => {
    const device = hear();
    book.asked(device, position('a', 'one'));
    book.asked(device, position('b', 'one'));
    book.asked(device, position('a', 'two'));
    expect([...device.shapes.keys()]).toEqual(['a']);
  });

  it('are their log-in until they name themselves, and take along what was heard of it', () => {
    const unnamed = book.heard({ userId: 'u', sessionId: 's1', report: undefined });
    book.asked(unnamed, position('a'));
    expect(unnamed).toMatchObject({ id: 's1', knownBy: 'session' });
    const named = hear(1);
    expect([...named.shapes.keys()]).toEqual(['a']);
    expect([...book.all()].map(({ id }) => id)).toEqual([idOf(1)]);
    // From then on the log-in is the device, also where a request does not name it.
    expect(book.heard({ userId: 'u', sessionId: 's1', report: undefined })).toBe(named);
  });

  it('are the first one’s who names them: another is known by his log-in, and says nothing in their name', () => {
    const owned = hear(1, { p: 1 });
    const other = book.heard({ userId: 'x', sessionId: 'sx', report: { id: idOf(1), p: 77 } });
    expect(other).toMatchObject({ id: 'sx', userId: 'x', knownBy: 'session', report: undefined });
    expect(owned.report).toMatchObject({ p: 1 });
  });

  it('come again when they have been silent for long, and begin their shapes anew', () => {
    const device = hear();
    book.asked(device, position('a'));
    events();
    nowMs += 2 * MINUTE_MS;
    hear();
    expect([device.shapes.size, events()]).toEqual([1, []]);
    expect(device.sinceMs).toBe(nowMs);
    nowMs += 2 * MINUTE_MS + 1;
    hear();
    expect([device.shapes.size, events()]).toEqual([0, [['came', null, 1]]]);
  });
});

describe('when a device must ask again', () => {
  it('is later where it reads a stream of events, or was told to wait, but never without end', () => {
    const device = hear();
    expect(book.dueMs(device)).toBe(DUE_MS);
    book.asked(device, position('a', 'r', { events: true }));
    expect(book.dueMs(device)).toBe(EVENTS_DUE_MS);
    book.asked(device, position('a'));
    book.sentAway(device, 30_000);
    expect(book.dueMs(device)).toBe(DUE_MS + 30_000);
    book.sentAway(device, 86_400_000);
    expect(book.dueMs(device)).toBe(DUE_MS + 300_000);
  });

  it('counts from the end of a body that it takes slowly', () => {
    const device = hear();
    const [one, other] = [book.takes(device), book.takes(device)];
    nowMs += 10 * MINUTE_MS;
    expect(book.dueMs(device)).toBeGreaterThan(10 * MINUTE_MS);
    one();
    nowMs += 10 * MINUTE_MS;
    other();
    expect(book.dueMs(device)).toBe(20 * MINUTE_MS + DUE_MS);
    expect(device.taking).toBe(0);
  });
});
