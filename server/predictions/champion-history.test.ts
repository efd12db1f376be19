import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spokeBefore } from './champion-history.ts';
import type { PastChange } from './champion-history.ts';

/** Whether a step puts a model in its place, or goes back by so many models, as far as there are any. */
type Step =
  | { readonly to: string; readonly cause: 'gate' | 'pin' }
  | { readonly back: number; readonly cause: 'roll_back' | 'fall_back' };

const steps = fc.array(
  fc.oneof(
    fc.record({ to: fc.constantFrom('base', 'a', 'b', 'c', 'd'), cause: fc.constantFrom('gate', 'pin') }),
    fc.record({
      back: fc.integer({ min: 0, max: 2 }),
      cause: fc.constantFrom('roll_back', 'fall_back'),
    }),
  ),
  { maxLength: 25 },
) as fc.Arbitrary<Step[]>;

/** The changes that come of some steps; who goes back never goes to the model that speaks. */
function changesOf(all: readonly Step[]): PastChange[] {
  const changes: PastChange[] = [{ modelId: 'base', cause: 'first' }];
  for (const step of all) {
    if ('to' in step) changes.push({ modelId: step.to, cause: step.cause });
    else {
      const modelId = spokeBefore(changes).filter((id) => id !== speaks(changes))[step.back];
      if (modelId !== undefined) changes.push({ modelId, cause: step.cause });
    }
  }
  return changes;
}

const speaks = (changes: readonly PastChange[]) => changes.at(-1)!.modelId;

describe('who spoke before', () => {
  it('is found after the gate went back to the baseline', () => {
    const changes: PastChange[] = [
      { modelId: 'base', cause: 'first' },
      { modelId: 'a', cause: 'gate' },
      { modelId: 'base', cause: 'gate' },
    ];
    expect(spokeBefore(changes)).toEqual(['a', 'base']);
    expect(spokeBefore([...changes, { modelId: 'a', cause: 'roll_back' }])).toEqual(['base']);
  });

  it('is the same as it was when what was put on top is taken back', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom('roll_back' as const, 'fall_back' as const), (all, cause) => {
        const before = changesOf(all);
        const there = [...before, { modelId: 'new', cause: 'gate' as const }];
        expect(spokeBefore(there)[0]).toBe(speaks(before));
        expect(spokeBefore([...there, { modelId: speaks(before), cause }])).toEqual(spokeBefore(before));
      }),
    );
  });

  it('grows shorter with each step back, so that going back comes to an end', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const changes = changesOf(all);
        const before = spokeBefore(changes);
        const to = before.find((id) => id !== speaks(changes));
        if (to === undefined) return;
        const after = spokeBefore([...changes, { modelId: to, cause: 'roll_back' }]);
        expect(after.length).toBeLessThan(before.length);
        expect(before.slice(before.length - after.length)).toEqual(after);
      }),
    );
  });

  it('is nobody where the change that is gone back to was let go, and nobody where one unpins', () => {
    expect(spokeBefore([{ modelId: 'a', cause: 'fall_back' }])).toEqual([]);
    expect(
      spokeBefore([
        { modelId: 'b', cause: 'gate' },
        { modelId: 'a', cause: 'roll_back' },
      ]),
    ).toEqual([]);
    expect(
      spokeBefore([
        { modelId: 'a', cause: 'pin' },
        { modelId: 'a', cause: 'unpin' },
      ]),
    ).toEqual([]);
  });
});
