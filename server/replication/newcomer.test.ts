import { expect, it } from 'vitest';
import type { Queryable } from '../db/pool.ts';
import { createNewcomer } from './newcomer.ts';

/** An instance whose log begins at a position, beside `others` that have more. */
function newcomer(others: number) {
  let nowMs = 1_000_000;
  let start = 700n;
  let lastReset: { reason: 'first_start' | 'slot_lost'; at: Date } | undefined;
  const db = { query: () => Promise.resolve({ rows: [], rowCount: others }) } as unknown as Queryable;
  const { secondsLeft } = createNewcomer({
    db,
    slotName: 'halo_000000000000',
    changeLog: { epoch: 'e', start: () => start },
    replication: { status: () => ({ lastReset }) },
    clock: { now: () => new Date(nowMs) },
  });
  return {
    secondsLeft,
    begin: (reason: 'first_start' | 'slot_lost') => void (lastReset = { reason, at: new Date(nowMs) }),
    trim: (to: bigint) => void (start = to),
    pass: (ms: number) => void (nowMs += ms),
  };
}

it('a log that has just begun is no place for those who follow through other instances, for a minute', async () => {
  const fresh = newcomer(1);
  expect(await fresh.secondsLeft(), 'its slot is still being made').toBe(0);
  fresh.pass(90_000);
  fresh.begin('first_start');
  expect(await fresh.secondsLeft()).toBe(60);
  fresh.pass(59_500);
  expect(await fresh.secondsLeft()).toBe(1);
  fresh.pass(500);
  expect(await fresh.secondsLeft()).toBe(0);
});

it('a log made anew is as young, however long the process has run', async () => {
  const lost = newcomer(1);
  lost.begin('first_start');
  lost.pass(3_600_000);
  lost.begin('slot_lost');
  expect(await lost.secondsLeft()).toBe(60);
});

it('a log that goes on is never young, also when it is trimmed behind where it was opened', async () => {
  const restarted = newcomer(1);
  expect(await restarted.secondsLeft()).toBe(0);
  restarted.trim(9_000n);
  expect(await restarted.secondsLeft()).toBe(0);
});

it('a log beside which no other has more may serve at once', async () => {
  const alone = newcomer(0);
  alone.begin('first_start');
  expect(await alone.secondsLeft()).toBe(0);
});

it('a clock that was set back does not keep it away', async () => {
  const fresh = newcomer(1);
  fresh.begin('first_start');
  fresh.pass(-3_600_000);
  expect(await fresh.secondsLeft()).toBe(0);
});
