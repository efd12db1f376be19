import { expect, it } from 'vitest';
import { createProgressWriter } from './report-progress.ts';

it('writes the newest at most every second, one writing at a time, and none after it has settled', async () => {
  let nowMs = 0;
  const written: string[] = [];
  const faults: unknown[] = [];
  let finish = () => {};
  const writer = createProgressWriter(
    (step, share) => {
      written.push(`${step} ${share}`);
      if (step === 'broken') return Promise.reject(new Error('Postgres is away'));
      return new Promise((resolve) => (finish = resolve));
    },
    () => nowMs,
    (error) => faults.push(error),
  );
  writer.report('first', 0);
  nowMs = 2_000;
  writer.report('while it is written', 0.1);
  finish();
  await new Promise((resolve) => setImmediate(resolve));
  writer.report('second', 0.2);
  finish();
  await new Promise((resolve) => setImmediate(resolve));
  nowMs = 2_999;
  writer.report('too soon', 0.3);
  nowMs = 3_000;
  writer.report('broken', 0.4);
  await new Promise((resolve) => setImmediate(resolve));
  nowMs = 9_000;
  await writer.settle();
  writer.report('too late', 1);
  expect(written).toEqual(['first 0', 'second 0.2', 'broken 0.4']);
  expect(faults).toEqual([new Error('Postgres is away')]);
});
