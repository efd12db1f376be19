import { byteLength } from './batch.ts';
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
  /** How many of them are rejected. */
  rejected: number;
  /** Bytes of the entries' JSON: what a compacted journal would have to hold, about. */
  bytes: number;
}

export function emptyJournalState(): JournalState {
  return { lastSeq: 0, entries: new Map(), rejected: 0, bytes: 0 };
}

/** Takes one step in place. Steps about unknown ids change nothing, so that a repeated one does no harm. */
export function takeStep(state: JournalState, step: JournalOp): void {
  switch (step.op) {
    case 'counted':
      state.lastSeq = Math.max(state.lastSeq, step.lastSeq);
      return;
    case 'added':
      return put(state, step.mutation);
    case 'applied':
      return remove(state, step.id);
    case 'rejected': {
      const entry = state.entries.get(step.id);
      if (entry !== undefined) put(state, { ...entry, rejection: step.rejection });
      return;
    }
    case 'discarded':
      if (state.entries.get(step.id)?.rejection !== undefined) remove(state, step.id);
      return;
    case 'replaced':
      remove(state, step.id);
      return put(state, step.mutation);
  }
}

/** An entry that is there keeps its place. */
function put(state: JournalState, entry: StoredMutation): void {
  count(state, state.entries.get(entry.id), -1);
  state.entries.set(entry.id, entry);
  state.lastSeq = Math.max(state.lastSeq, entry.seq);
  count(state, entry, 1);
}

function remove(state: JournalState, id: string): void {
  count(state, state.entries.get(id), -1);
  state.entries.delete(id);
}

function count(state: JournalState, entry: StoredMutation | undefined, by: 1 | -1): void {
  if (entry === undefined) return;
  state.bytes += by * byteLength(entry);
  if (entry.rejection !== undefined) state.rejected += by;
}

/** The fewest steps that give this state, in groups of at most `perGroup`: what a compacted journal begins with. */
export function* stepsOf(state: JournalState, perGroup: number): Generator<readonly JournalOp[]> {
  let group: JournalOp[] = [{ op: 'counted', lastSeq: state.lastSeq }];
  for (const mutation of state.entries.values()) {
    group.push({ op: 'added', mutation });
    if (group.length < perGroup) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
