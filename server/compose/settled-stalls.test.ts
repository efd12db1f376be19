import { expect, it } from 'vitest';
import { HeadHistory } from '../inspector/head-history.ts';
import { settledStalls } from './settled-stalls.ts';

const MINUTE_MS = 60_000;
const FOR_MS = 5 * MINUTE_MS;

it('that no device is stalled is known only once a stalled one would have been proved to be', async () => {
  let nowMs = 0;
  let stalled = [{ id: 'a', reason: 'no_progress', shape: undefined, sinceMs: 0 }];
  const history = new HeadHistory();
  const headAt = (atMs: number) => history.headAt(atMs);
  const read = settledStalls({ read: () => Promise.resolve(stalled), headAt, nowMs: () => nowMs });
  // Its outbox may prove it at once.
  expect(await read(FOR_MS)).toEqual(stalled);
  stalled = [];
  expect(await read(FOR_MS)).toBeUndefined();
  history.sample(nowMs, 1n);
  nowMs = FOR_MS + MINUTE_MS;
  expect(await read(FOR_MS)).toBeUndefined();
  nowMs = FOR_MS + 2 * MINUTE_MS;
  expect(await read(FOR_MS)).toEqual([]);
  // The database is another one.
  history.sample(nowMs, 0n);
  expect(await read(FOR_MS)).toBeUndefined();
});
