import { expect, it } from 'vitest';
import { parseVisibility, saw } from './visibility.ts';

it('invariant 5: a snapshot saw what is old, by any number of turns of 32 bits, and nothing that came later', () => {
  const turn = 2 ** 32;
  const seen = parseVisibility(`${3 * turn + 100}:${3 * turn + 200}:${3 * turn + 100},${3 * turn + 150}`);
  for (const id of [5, turn, 3 * turn + 100 - 2 ** 31 - 7, 2 * turn + 150, 3 * turn + 99, 3 * turn + 101]) {
    expect([id, saw(seen, id)]).toEqual([id, true]);
  }
  for (const id of [3 * turn + 100, 3 * turn + 150, 3 * turn + 200, 3 * turn + 5_000, 4 * turn + 7]) {
    expect([id, saw(seen, id)]).toEqual([id, false]);
  }
});
