/** Why another model came to speak. */
export type ChangeCause = 'first' | 'gate' | 'pin' | 'unpin' | 'roll_back' | 'fall_back';

/** A change of who speaks, as far as going back looks at it. */
export interface PastChange {
  readonly modelId: string;
  readonly cause: ChangeCause;
}

/**
 * The models that spoke before the one that speaks now, the latest first, one entry for each time. Changes, the oldest first, are a stack: going
 * back (`roll_back`, `fall_back`) takes off all that came after the model it leads to, everything else puts a model on top. So what was
 * taken back is not gone back to, and the baseline, with which each series begins, is found again beneath a model that the gate took
 * away, and that model beneath the baseline.
 */
export function spokeBefore(changes: readonly PastChange[]): readonly string[] {
  const stack: string[] = [];
  for (const { modelId, cause } of changes) {
    if (cause === 'roll_back' || cause === 'fall_back') {
      // Older changes are let go: what is gone back to may not be there any more, and then nothing before it is known.
      stack.length = stack.slice(0, -1).lastIndexOf(modelId) + 1;
    }
    if (stack.at(-1) !== modelId) stack.push(modelId);
  }
  return stack.slice(0, -1).reverse();
}
