import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Confirmer } from './confirmer.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function unexpected(error: unknown): never {
  throw error;
}

/** A log whose disk is as slow as told. */
function slowLog(syncMs: number) {
  const log = { written: 0n, syncs: 0, atOnce: 0 };
  const sync = async () => {
    const reached = log.written;
    log.syncs += 1;
    log.atOnce += 1;
    expect(log.atOnce).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, syncMs));
    log.atOnce -= 1;
    return reached;
  };
  return { log, sync };
}

describe('confirmer', () => {
  it('invariant 3: confirms what a sync returned, and what came meanwhile with the next, one at a time', async () => {
    const { log, sync } = slowLog(30);
    const confirmed: bigint[] = [];
    const confirmer = new Confirmer({ sync }, async (lsn) => void confirmed.push(lsn), unexpected);
    for (let lsn = 1n; lsn <= 1_000n; lsn += 1n) {
      log.written = lsn;
      confirmer.committed();
      await vi.advanceTimersByTimeAsync(1);
    }
    await vi.advanceTimersByTimeAsync(1_000);
    expect(confirmed.at(-1)).toBe(1_000n);
    expect(confirmed).toEqual(confirmed.toSorted((a, b) => Number(a - b)));
    expect(log.syncs).toBeLessThan(20);
    await confirmer.stop();
  });

  it('answers when asked, but not at once each time, and lets idle positions wait longest', async () => {
    const { log, sync } = slowLog(0);
    const confirmer = new Confirmer({ sync }, () => Promise.resolve(), unexpected);
    for (let times = 0; times < 2_000; times += 1) {
      confirmer.idle(true);
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(log.syncs).toBeGreaterThanOrEqual(4);
    expect(log.syncs).toBeLessThanOrEqual(5);
    await vi.advanceTimersByTimeAsync(1_000);
    const before = log.syncs;
    confirmer.idle(false);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(log.syncs).toBe(before);
    confirmer.committed();
    await vi.advanceTimersByTimeAsync(1);
    expect(log.syncs).toBe(before + 1);
    await confirmer.stop();
  });

  it('tells of the first failure and does nothing more', async () => {
    const onFailure = vi.fn();
    const sync = vi.fn(() => Promise.reject(new Error('disk gone')));
    const confirm = vi.fn(() => Promise.resolve());
    const confirmer = new Confirmer({ sync }, confirm, onFailure);
    confirmer.committed();
    await vi.advanceTimersByTimeAsync(10);
    confirmer.committed();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(onFailure).toHaveBeenCalledOnce();
    expect(sync).toHaveBeenCalledOnce();
    expect(confirm).not.toHaveBeenCalled();
  });

  it('waits for the sync under way when it is stopped, and starts none afterwards', async () => {
    const { log, sync } = slowLog(50);
    const confirmer = new Confirmer({ sync }, () => Promise.resolve(), unexpected);
    confirmer.committed();
    await vi.advanceTimersByTimeAsync(1);
    confirmer.committed();
    const stopped = confirmer.stop();
    await vi.advanceTimersByTimeAsync(1_000);
    await stopped;
    confirmer.committed();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(log).toMatchObject({ syncs: 1, atOnce: 0 });
  });
});
