import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SILENCE_LIMITS, watchSilence } from './silence-watch.ts';

const { askAfterMs: ASK_AFTER_MS, giveUpAfterMs: GIVE_UP_AFTER_MS } = SILENCE_LIMITS;
const idle = () => false;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('silence watch', () => {
  it('asks a silent Postgres for a word, and gives the connection up when none comes', async () => {
    const ask = vi.fn(() => Promise.resolve());
    const fail = vi.fn();
    const watch = watchSilence(ask, fail, idle);
    await vi.advanceTimersByTimeAsync(ASK_AFTER_MS - 1);
    expect(ask).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(GIVE_UP_AFTER_MS - ASK_AFTER_MS);
    expect(ask).toHaveBeenCalled();
    expect(fail).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(fail).toHaveBeenCalledWith(expect.objectContaining({ code: 'replication_silent' }));
    watch.stop();
  });

  it('leaves a connection alone on which something is heard', async () => {
    const ask = vi.fn(() => Promise.resolve());
    const fail = vi.fn();
    const watch = watchSilence(ask, fail, idle);
    for (let times = 0; times < 20; times += 1) {
      await vi.advanceTimersByTimeAsync(ASK_AFTER_MS / 2);
      watch.heard();
    }
    expect(ask).not.toHaveBeenCalled();
    expect(fail).not.toHaveBeenCalled();
    watch.stop();
  });

  it('finds a dead connection within a minute', () => {
    const { giveUpAfterMs, watchEveryMs } = SILENCE_LIMITS;
    expect(giveUpAfterMs + watchEveryMs).toBeLessThan(60_000);
  });

  it('gives up no connection that we ourselves do not read, and says all the while that we are there', async () => {
    const ask = vi.fn(() => Promise.resolve());
    const fail = vi.fn();
    let busy = true;
    const watch = watchSilence(ask, fail, () => busy);
    await vi.advanceTimersByTimeAsync(3 * GIVE_UP_AFTER_MS);
    expect(fail).not.toHaveBeenCalled();
    expect(ask.mock.calls.length).toBeGreaterThan(10);
    busy = false;
    await vi.advanceTimersByTimeAsync(GIVE_UP_AFTER_MS + 10_000);
    expect(fail).toHaveBeenCalledWith(expect.objectContaining({ code: 'replication_silent' }));
    watch.stop();
  });
});
