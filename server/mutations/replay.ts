import type { MutationBatch, MutationResult } from '@halo/shapes/protocol/mutation-batch.ts';
import { HaloError } from '../platform/errors.ts';
import type { LedgerEntry } from './ledger-store.ts';
import type { PreparedMutation } from './prepared-mutation.ts';

/** A batch taken apart: what is settled already, with its stored answers, and what is yet to be done. */
export interface SplitBatch {
  readonly replayed: readonly MutationResult[];
  readonly fresh: readonly PreparedMutation[];
}

/**
 * Takes a batch apart by what the ledger says.
 *
 * @throws HaloError 409 `seq_gap` when earlier mutations are missing; 422 `mutation_changed` when a settled
 * one comes with other contents; 422 `mutation_id_reused` when an id is settled under another seq.
 */
export function splitBatch(
  deviceId: string,
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
  const bySeq = new Map(
    entries.filter((entry) => entry.deviceId === deviceId).map((entry) => [entry.seq, entry]),
  );
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const replayed = mutations
    .filter(({ seq }) => seq <= lastSeq)
    .map((mutation) => replay(mutation, bySeq.get(mutation.seq)));
  const fresh = mutations.filter(({ seq }) => seq > lastSeq);
  for (const { id, seq } of fresh) if (byId.has(id)) throw idReused(seq);
  return { replayed, fresh };
}

function replay(mutation: PreparedMutation, entry: LedgerEntry | undefined): MutationResult {
  const { seq } = mutation;
  if (entry === undefined)
    throw new HaloError('ledger_incomplete', `The ledger has no answer for the settled mutation ${seq}.`);
  if (entry.id !== mutation.id || !entry.requestHash.equals(mutation.requestHash))
    throw new HaloError('mutation_changed', `Mutation ${seq} is settled, with other contents than these.`, {
      status: 422,
      details: { seq },
      hint: 'A settled mutation cannot change: send it as it was, and the change as a new mutation.',
    });
  return { ...entry.answer, replayed: true };
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
