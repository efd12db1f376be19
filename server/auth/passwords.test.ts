import { expect, it } from 'vitest';
import { createPasswords } from './passwords.ts';

it('answers all when many come at once, and turns away those beyond the queue', async () => {
  const passwords = await createPasswords();
  const stored = await passwords.hash('the right one');
  const asked = Array.from({ length: 260 }, (_, n) =>
    passwords.verify(n % 2 === 0 ? 'the right one' : 'a wrong one', stored),
  );
  const outcomes = await Promise.allSettled(asked);
  const answered = outcomes.slice(0, 204);
  expect(answered.map((outcome) => outcome.status === 'fulfilled' && outcome.value)).toEqual(
    answered.map((_, n) => n % 2 === 0),
  );
  for (const outcome of outcomes.slice(204)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'too_many_logins', status: 503 } });
  }
  expect(await passwords.verify('the right one', stored), 'places are free again').toBe(true);
});

it('says no where there is no account, whatever the password', async () => {
  const passwords = await createPasswords();
  expect(await passwords.verify('anything', undefined)).toBe(false);
});
