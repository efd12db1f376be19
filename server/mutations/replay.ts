import type { MutationBatch, MutationResult } from '@halo/shapes/protocol/mutation-batch.ts';
import { HaloError } from '../platform/errors.ts';
import type { LedgerEntry } from './ledger-store.ts';
import type { PreparedMutation } from './prepared-mutation.ts';

/** A batch taken apart: the answers of what is settled already, and what is yet to be done, in order. */
export interface SplitBatch {
  readonly known: ReadonlyMap<PreparedMutation, MutationResult>;
  readonly fresh: readonly PreparedMutation[];
}

/**
 * Takes a batch apart by what the ledger says. A mutation is known by its id and its contents, whatever device
 * and seq it comes with now: one whose store was put back from a backup sends again, under a new name, what
 * was settled under the old one.
 *
 * @throws HaloError 409 `seq_gap` when earlier mutations are missing; 422 `mutation_changed` when the seq is
 * settled with other contents; 422 `mutation_id_reused` when the id is.
 */
export function splitBatch(
  userId: string,
  mutations: readonly PreparedMutation[],
  lastSeq: number,
  entries: readonly LedgerEntry[],
): SplitBatch {
  const expectedSeq = lastSeq + 1;
  const firstSeq = mutations[0]?.seq ?? expectedSeq;
  if (firstSeq > expectedSeq)
    throw new HaloError('seq_gap', `Mutation ${expectedSeq} is the next one expected, not ${firstSeq}.`, {
      status: 409,
      details: { expectedSeq },
      hint: `Send the mutations from ${expectedSeq} on.`,
    });
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const known = new Map<PreparedMutation, MutationResult>();
  const fresh: PreparedMutation[] = [];
  for (const mutation of mutations) {
    const { id, seq, requestHash } = mutation;
    const entry = byId.get(id);
    if (entry !== undefined && entry.userId === userId && entry.requestHash.equals(requestHash)) {
      known.set(mutation, { ...entry.answer, seq, replayed: true });
      continue;
    }
    if (seq <= lastSeq) throw changed(seq);
    if (entry !== undefined) throw idReused(seq);
    fresh.push(mutation);
  }
  return { known, fresh };
}

function changed(seq: number): HaloError {
  return new HaloError('mutation_changed', `Mutation ${seq} is settled, with other contents than these.`, {
    status: 422,
    details: { seq },
    hint: 'Send it as it was; or, where the device has lost count, all that is pending as a new device.',
  });
}

/**
 * Checks what a batch says by itself: its seqs follow each other, and no id occurs twice.
 *
 * @throws HaloError 400 `seqs_not_consecutive`; 422 `mutation_id_reused`
 */
export function checkSequence({ mutations }: MutationBatch): void {
  const ids = new Set<string>();
  for (const [index, { seq, id }] of mutations.entries()) {
    if (seq !== (mutations[0]?.seq ?? seq) + index)
      throw new HaloError(
        'seqs_not_consecutive',
        'The mutations of a batch have consecutive seqs, ascending.',
        {
          status: 400,
          field: `mutations.${index}.seq`,
        },
      );
    if (ids.has(id)) throw idReused(seq);
    ids.add(id);
  }
}

function idReused(seq: number): HaloError {
  return new HaloError('mutation_id_reused', `Mutation ${seq} has an id that another mutation had before.`, {
    status: 422,
    details: { seq },
    hint: 'Give each mutation a new UUIDv7.',
  });
}
