import type { StoredMutation } from './outbox-store.ts';

/** One step of the queue's history. Ops replayed in order give the queue again. */
export type JournalOp =
  /** Where counting stands when older steps have been compacted away. */
  | { readonly op: 'counted'; readonly lastSeq: number }
  | { readonly op: 'added'; readonly mutation: StoredMutation }
  | { readonly op: 'applied'; readonly id: string }
  | { readonly op: 'rejected'; readonly id: string; readonly rejection: Rejection }
  | { readonly op: 'discarded'; readonly id: string }
  /** The rejected one has given way to another. */
  | { readonly op: 'replaced'; readonly id: string; readonly mutation: StoredMutation };

export type Rejection = NonNullable<StoredMutation['rejection']>;

/** The queue as the steps so far leave it. */
export interface JournalState {
  /** Highest `seq` ever given, also when its mutation has long been settled. */
  lastSeq: number;
  /** By id, in order of `seq`. */
  readonly entries: Map<string, StoredMutation>;
}

export function emptyJournalState(): JournalState {
  return { lastSeq: 0, entries: new Map() };
}

/** Takes one step in place. Steps about unknown ids change nothing, so that a repeated one does no harm. */
export function takeStep(state: JournalState, step: JournalOp): void {
  switch (step.op) {
    case 'counted':
      state.lastSeq = Math.max(state.lastSeq, step.lastSeq);
      return;
    case 'added':
      state.lastSeq = Math.max(state.lastSeq, step.mutation.seq);
      state.entries.set(step.mutation.id, step.mutation);
      return;
    case 'applied':
      state.entries.delete(step.id);
      return;
    case 'rejected': {
      const entry = state.entries.get(step.id);
      if (entry !== undefined) state.entries.set(step.id, { ...entry, rejection: step.rejection });
      return;
    }
    case 'discarded':
      if (state.entries.get(step.id)?.rejection !== undefined) state.entries.delete(step.id);
      return;
    case 'replaced':
      state.entries.delete(step.id);
      state.lastSeq = Math.max(state.lastSeq, step.mutation.seq);
      state.entries.set(step.mutation.id, step.mutation);
      return;
  }
}

/** The fewest steps that give this state: what a compacted journal begins with. */
export function stepsOf(state: JournalState): JournalOp[] {
  const added = [...state.entries.values()].map((mutation): JournalOp => ({ op: 'added', mutation }));
  return [{ op: 'counted', lastSeq: state.lastSeq }, ...added];
}
