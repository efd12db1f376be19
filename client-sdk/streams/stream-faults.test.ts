import { describe, expect, it } from 'vitest';
import type { ChangeMessage } from '@halo/shapes/protocol/messages.ts';
import type { AuthorizedOutcome } from '../sync/session.ts';
import type { StreamPosition } from './shape-request.ts';
import type { Contact, ResumePoint, ShapeSink } from './shape-sink.ts';
import { StreamDriver } from './stream-driver.ts';
import type { StreamMachine } from './stream-machine.ts';

const MINUTE = 60_000;
/** Where the handle of a shape is at most as long as a server of ours makes it, and then some. */
const HANDLE = 'h'.repeat(200);

/** Counts rows and keeps how many were in sight. */
class CountingSink implements ShapeSink {
  position: StreamPosition = { handle: undefined, offset: '-1' };
  readonly inSight: number[] = [];
  readonly contacts: Contact[] = [];
  #building = 0;

  async resume(): Promise<ResumePoint> {
    return { phase: this.position.offset === '-1' ? 'snapshot' : 'catch_up', position: this.position };
  }
  async beginSnapshot(): Promise<void> {
    this.#building = 0;
  }
  async addToSnapshot(changes: readonly ChangeMessage[]): Promise<void> {
    this.#building += changes.length;
  }
  async publishSnapshot(position: StreamPosition): Promise<boolean> {
    this.inSight.push(this.#building);
    this.position = position;
    return true;
  }
  async apply(changes: readonly ChangeMessage[], position: StreamPosition): Promise<void> {
    this.inSight.push(this.inSight.at(-1)! + changes.length);
    this.position = position;
  }
  contact(contact: Contact): void {
    this.contacts.push(contact);
  }
}

const ROW = {
  key: 'k',
  value: { code: '1' },
  headers: { operation: 'insert', relation: ['public', 'areas'] },
};
const END = { headers: { control: 'up-to-date', global_last_seen_lsn: '10' } };

function answer(
  status: number,
  headers: Record<string, string>,
  messages: unknown[] = [],
): AuthorizedOutcome {
  return { kind: 'answered', status, headers: new Headers(headers), text: JSON.stringify(messages) };
}

/** Follows in time that passes only while the stream waits, until `respond` has nothing more to say. */
async function follow(
  sink: CountingSink,
  random: () => number,
  respond: (now: number, url: URL) => AuthorizedOutcome | undefined,
  lookEveryMs?: number,
) {
  const stop = new AbortController();
  const asked: { at: number; url: string }[] = [];
  const shown: { at: number; machine: StreamMachine }[] = [];
  let now = 0;
  const driver = new StreamDriver({
    url: 'http://localhost',
    shape: { name: 'areas', params: { region: '01' } },
    lookEveryMs,
    session: crypto.randomUUID(),
    sink,
    environment: {
      now: () => now,
      random,
      sleep: (ms) => {
        now += ms;
        return Promise.resolve();
      },
    },
    get: (url) => {
      asked.push({ at: now, url });
      const outcome = respond(now, new URL(url));
      if (outcome === undefined) stop.abort();
      return Promise.resolve(outcome ?? { kind: 'aborted' });
    },
    onState: (machine) => shown.push({ at: now, machine }),
  });
  await driver.run(await sink.resume(), stop.signal);
  return { asked, shown, now };
}

const STUCK = { 'electric-handle': HANDLE, 'electric-offset': '5_0' };

describe('a stream behind a proxy that is broken', () => {
  const faults: [string, (n: number) => AuthorizedOutcome][] = [
    ['409 without a handle', () => answer(409, {})],
    ['answers without the handle', () => answer(200, { 'electric-offset': '10_0' }, [ROW, END])],
    ['answers without the offset', () => answer(200, { 'electric-handle': HANDLE }, [ROW, END])],
    ['answers that bring nothing and are not the end', () => answer(200, STUCK)],
    ['the same rows for ever', () => answer(200, STUCK, [ROW])],
    ['now one, now the other', (n) => (n % 2 === 0 ? answer(409, {}) : answer(200, {}, [ROW, END]))],
  ];
  const chances: [string, () => number][] = [
    ['the least', () => 0],
    ['the most', () => 0.999_999],
    ['any', Math.random],
  ];

  it.each(faults.flatMap((fault) => chances.map((chance) => [...fault, ...chance] as const)))(
    '(O3) %s, by chance %#: 60 requests in ten minutes, none like the last; back within 35 s',
    async (_fault, broken, _chance, random) => {
      const sink = new CountingSink();
      // It has rows in sight, which stay there.
      sink.position = { handle: HANDLE, offset: '5_0' };
      sink.inSight.push(1);
      const mended = 10 * MINUTE;
      let n = 0;
      const { asked, shown, now } = await follow(sink, random, (at, url) => {
        if (sink.inSight.length > 1) return undefined;
        if (at < mended) return broken(n++);
        const handle = url.searchParams.get('handle') ?? 'new';
        return answer(200, { 'electric-handle': handle, 'electric-offset': '10_0' }, [ROW, ROW, END]);
      });
      const during = asked.filter(({ at }) => at < mended);
      expect(during.length).toBeGreaterThan(15);
      expect(during.length).toBeLessThanOrEqual(60);
      for (const [index, { url }] of asked.entries()) {
        expect(url).not.toBe(asked[index - 1]?.url);
        expect(url.length).toBeLessThan(2_048);
      }
      const named = shown.filter(({ at, machine }) => at > 0 && at < mended && machine.failures > 0);
      for (const { machine } of named)
        expect(machine.error?.message).toMatch(/electric-(handle|offset)|same place/);
      expect(shown.findLast(({ at }) => at < mended)?.machine.error?.code).toMatch(
        /^(missing_header|no_progress)$/,
      );
      expect(sink.inSight[0]).toBe(1);
      expect(sink.inSight[1]).toBeGreaterThanOrEqual(1);
      expect(now - mended).toBeLessThanOrEqual(35_000);
      expect(shown.at(-1)?.machine).toMatchObject({ shown: 'live', error: undefined });
    },
  );
});

describe('a stream whose server honours no position', () => {
  it('tells so at once: its siblings wait for it no longer than for any other, and do not hurry it on', async () => {
    const sink = new CountingSink();
    sink.position = { handle: HANDLE, offset: '5_0' };
    let n = 0;
    await follow(sink, Math.random, () => {
      n += 1;
      return n === 10 ? undefined : answer(409, { 'electric-handle': `${HANDLE}${n}` });
    });
    expect(sink.contacts.length).toBeGreaterThan(0);
    expect(new Set(sink.contacts)).toEqual(new Set(['lost']));
  });
});

describe('a stream that looks now and then', () => {
  it('never holds a connection to wait, nor asks for the same URL twice, and is live all the while', async () => {
    const sink = new CountingSink();
    let n = 0;
    const { asked, shown } = await follow(
      sink,
      Math.random,
      (_at, url) => {
        n += 1;
        if (n === 12) return undefined;
        const rows = url.searchParams.get('offset') === '-1' || n === 6 ? [ROW] : [];
        return answer(200, { 'electric-handle': HANDLE, 'electric-offset': '10_0' }, [...rows, END]);
      },
      10 * MINUTE,
    );
    expect(sink.inSight.at(-1)).toBe(2);
    for (const { url } of asked) expect(new URL(url).searchParams.get('live')).toBeNull();
    expect(new Set(asked.map(({ url }) => url)).size).toBe(asked.length);
    const gaps = asked.slice(1).map(({ at }, index) => (at - asked[index]!.at) / MINUTE);
    for (const minutes of gaps) {
      expect(minutes).toBeGreaterThanOrEqual(7.5);
      expect(minutes).toBeLessThan(12.5);
    }
    expect(new Set(shown.slice(1).map(({ machine }) => machine.shown))).toEqual(new Set(['live']));
  });
});
