import { expect, it } from 'vitest';
import type { Pool } from '../../db/pool.ts';
import { createLogger } from '../../platform/logger.ts';
import type { RetentionPolicy } from './policy.ts';
import { sweep } from './sweep.ts';

const HOUR_MS = 3_600_000;

/** A Postgres in which each transaction changes a row for each key. */
function fakePool(changes: () => number): Pool {
  let changed = 0;
  const client = {
    query: (sql: string) => {
      if (sql.includes('n_tup_ins')) return Promise.resolve({ rows: [{ n: (changed += changes()) }] });
      return Promise.resolve({ rows: [] });
    },
    release: () => undefined,
  };
  return { connect: () => Promise.resolve(client) } as unknown as Pool;
}

/** A kind of which so many rows are due, and what became of it. */
function kind(name: string, rows: number, onForget: (name: string, keys: number) => void): RetentionPolicy {
  return {
    name,
    says: '',
    days: 1,
    count: () => Promise.resolve(rows),
    due(_, __, limit, after) {
      const from = Number(after ?? 0);
      const to = Math.min(rows, from + limit);
      const keys = Array.from({ length: to - from }, (___, n) => String(from + n));
      return Promise.resolve({ keys, next: to < rows ? String(to) : undefined });
    },
    forget: (_, keys) => Promise.resolve(onForget(name, keys.length)),
  };
}

/** Sweeps by a clock that goes only while it rests. */
async function swept(policies: readonly RetentionPolicy[], maxMs: number) {
  let nowMs = 0;
  const all = await sweep(
    {
      pool: fakePool(() => 50),
      policies,
      now: new Date(),
      maxMs,
      monotonicMs: () => nowMs,
      sleep: (ms) => Promise.resolve(void (nowMs += ms)),
      logger: createLogger('silent'),
    },
    () => {},
    new AbortController().signal,
  );
  return { tookMs: nowMs, rows: all.map(({ name, rows, more }) => ({ name, rows, more })) };
}

it('a day of the load that one instance is said to take is forgotten within a night', async () => {
  const { rows, tookMs } = await swept([kind('payloads', 880_000, () => {})], 18 * HOUR_MS);
  expect(rows).toEqual([{ name: 'payloads', rows: 880_000, more: false }]);
  // Reckoned by the pauses alone, and at 400 rows a second.
  expect(tookMs).toBe((880_000 / 400) * 1_000);
});

it('what is much of one kind leaves time for the others, and is told where it was too much', async () => {
  const order: string[] = [];
  const note = (name: string) => {
    if (order.at(-1) !== name) order.push(name);
  };
  const policies = [kind('much', 10_000_000, note), kind('some', 60_000, note)];
  const { rows, tookMs } = await swept(policies, HOUR_MS);
  expect(order).toEqual(['much', 'some', 'much', 'some', 'much']);
  expect(rows).toEqual([
    { name: 'much', rows: 1_380_000, more: true },
    { name: 'some', rows: 60_000, more: false },
  ]);
  expect(tookMs).toBe(HOUR_MS);
});
