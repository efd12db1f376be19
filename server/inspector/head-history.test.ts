import { expect, it } from 'vitest';
import { HeadHistory } from './head-history.ts';

it('says when the head went past a place, and not that an idle one has', () => {
  const history = new HeadHistory();
  expect(history.passedMs(5n)).toBeUndefined();
  history.sample(1_000, 100n);
  history.sample(2_000, 100n);
  history.sample(3_000, 300n);
  history.sample(60_000, 300n);
  expect(history.passedMs(300n)).toBeUndefined();
  expect(history.passedMs(301n)).toBeUndefined();
  expect(history.passedMs(299n)).toBe(3_000);
  expect(history.passedMs(100n)).toBe(3_000);
  expect(history.passedMs(99n)).toBe(1_000);
  expect([999, 1_000, 2_999, 3_000, 90_000].map((atMs) => history.headAt(atMs))).toEqual([
    undefined,
    100n,
    100n,
    300n,
    300n,
  ]);
});

it('counts the transactions after a place, as far back as it remembers', () => {
  const history = new HeadHistory();
  expect(history.transactionsAfter(5n)).toBeUndefined();
  for (let lsn = 10n; lsn <= 100n; lsn += 10n) history.committed(lsn);
  expect(history.transactionsAfter(8n)).toBeUndefined();
  expect(history.transactionsAfter(9n)).toBe(10);
  expect(history.transactionsAfter(10n)).toBe(9);
  expect(history.transactionsAfter(95n)).toBe(1);
  expect(history.transactionsAfter(100n)).toBe(0);
  expect(history.transactionsAfter(1_000n)).toBe(0);
});

it('forgets the oldest commits, and says of what lies before them that it does not know', () => {
  const history = new HeadHistory();
  const commits = 131_072 + 10;
  for (let i = 1; i <= commits; i += 1) history.committed(BigInt(i));
  expect(history.transactionsAfter(9n)).toBeUndefined();
  expect(history.transactionsAfter(10n)).toBe(131_072);
  expect(history.transactionsAfter(BigInt(commits - 3))).toBe(3);
});

it('a head that goes back, or transactions that were skipped, begin another history', () => {
  const history = new HeadHistory();
  history.sample(1_000, 500n);
  history.committed(400n);
  history.sample(2_000, 50n);
  expect(history.passedMs(20n)).toBe(2_000);
  expect(history.transactionsAfter(20n)).toBeUndefined();
  history.committed(60n);
  expect(history.transactionsAfter(50n)).toBe(1);
});
