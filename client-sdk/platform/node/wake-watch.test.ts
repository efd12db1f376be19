import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { onWake } from './wake-watch.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('tells once that the machine has slept, and nothing while it is awake or after it was ended', async () => {
  let sleptMs = 0;
  let woken = 0;
  const end = onWake(
    () => (woken += 1),
    () => Date.now() + sleptMs,
  );
  await vi.advanceTimersByTimeAsync(600_000);
  expect(woken).toBe(0);
  sleptMs += 600_000;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(woken).toBe(1);
  // A clock that is set back is none.
  sleptMs -= 86_400_000;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(woken).toBe(1);
  end();
  sleptMs += 600_000;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(woken).toBe(1);
});
