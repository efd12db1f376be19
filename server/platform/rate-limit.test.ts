import { expect, it } from 'vitest';
import { limitInMemory } from './rate-limit.ts';

it('lets so many through, refuses the rest saying when to come again, and forgets when it is told to', async () => {
  const limit = limitInMemory({ name: 'test', requests: 3, durationS: 60 });
  const take = () =>
    limit.take('a').then(
      () => 'taken',
      (error: unknown) => error,
    );
  const answers = await Promise.all(Array.from({ length: 5 }, take));
  expect(answers.slice(0, 3)).toEqual(['taken', 'taken', 'taken']);
  for (const refusal of answers.slice(3)) {
    expect(refusal).toMatchObject({ code: 'rate_limited', status: 429 });
    const { retryAfterS } = (refusal as { details: { retryAfterS: number } }).details;
    expect(retryAfterS).toBeGreaterThan(0);
    expect(retryAfterS).toBeLessThanOrEqual(60);
  }
  await limit.take('b');
  await limit.forgive('a');
  expect(await take()).toBe('taken');
});
