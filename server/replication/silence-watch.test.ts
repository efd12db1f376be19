import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ASK_AFTER_MS, GIVE_UP_AFTER_MS, watchSilence } from './silence-watch.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('silence watch', () => {
  it('asks a silent Postgres for a word, and gives the connection up when none comes', async () => {
    const ask = vi.fn(() => Promise.resolve());
    const fail = vi.fn();
    const watch = watchSilence(ask, fail);
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
    const watch = watchSilence(ask, fail);
    for (let times = 0; times < 20; times += 1) {
      await vi.advanceTimersByTimeAsync(ASK_AFTER_MS / 2);
      watch.heard();
    }
    expect(ask).not.toHaveBeenCalled();
    expect(fail).not.toHaveBeenCalled();
    watch.stop();
  });
});
