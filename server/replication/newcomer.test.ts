import { expect, it } from 'vitest';
import type { Queryable } from '../db/pool.ts';
import { createNewcomer } from './newcomer.ts';

/** An instance whose log was opened at a position and now begins at another. */
function newcomer(openedAt: bigint, startsAt: bigint, others: number) {
  let nowMs = 1_000_000;
  let start = startsAt;
  const db = { query: () => Promise.resolve({ rows: [], rowCount: others }) } as unknown as Queryable;
  const { secondsLeft } = createNewcomer({
    db,
    slotName: 'halo_000000000000',
    changeLog: { start: () => start },
    openedAt,
    clock: { now: () => new Date(nowMs) },
  });
  const begin = (at: bigint) => void (start = at);
  return { secondsLeft, begin, pass: (ms: number) => void (nowMs += ms) };
}

it('a log that has just begun is no place for those who follow through other instances, for a minute', async () => {
  const fresh = newcomer(0n, 700n, 1);
  expect(await fresh.secondsLeft()).toBe(60);
  fresh.pass(59_500);
  expect(await fresh.secondsLeft()).toBe(1);
  fresh.pass(500);
  expect(await fresh.secondsLeft()).toBe(0);
});

it('a log that begins late is young from then on', async () => {
  const waiting = newcomer(0n, 0n, 1);
  waiting.pass(90_000);
  expect(await waiting.secondsLeft()).toBe(0);
  waiting.begin(700n);
  expect(await waiting.secondsLeft()).toBe(60);
});

it('a log made anew is as young, whatever it held before', async () => {
  expect(await newcomer(300n, 700n, 1).secondsLeft()).toBe(60);
});

it('a log that goes on, or one beside which there is no other, may serve at once', async () => {
  expect(await newcomer(900n, 700n, 1).secondsLeft()).toBe(0);
  expect(await newcomer(0n, 700n, 0).secondsLeft()).toBe(0);
});

it('a clock that was set back does not keep it away', async () => {
  const fresh = newcomer(0n, 700n, 1);
  fresh.pass(-3_600_000);
  expect(await fresh.secondsLeft()).toBe(0);
});
