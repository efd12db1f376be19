import { takeAdvisoryLocks } from '../db/advisory-locks.ts';
import type { Transaction } from '../db/pool.ts';
import { MutationRejection } from './mutation-handler.ts';
import type { MutationHandler } from './mutation-handler.ts';
import type { PreparedMutation, Work } from './prepared-mutation.ts';

/** Top byte of the keys of subjects, so that they meet no other's; the rest is the end of the id. */
const NAMESPACE = 0x51n;
const NAMESPACE_SHIFT = 56n;
const ID_MASK = (1n << NAMESPACE_SHIFT) - 1n;

/**
 * Takes the advisory locks of the whole batch: those of what its mutations name, and then those of where they
 * reach, each in ascending order, so that no two batches wait in a circle. The first are held while rows are
 * asked for the second: what these rows say can no longer change then.
 */
export async function takeLocks(tx: Transaction, mutations: readonly PreparedMutation[]): Promise<void> {
  const works = mutations.flatMap(({ work }) => (work instanceof MutationRejection ? [] : [work]));
  const subjects = works.flatMap(({ handler, args }) => handler.subjects?.(args) ?? []);
  await takeAdvisoryLocks(tx, subjects.map(subjectKey));
  const keys = works.flatMap(({ locks }) => locks);
  for (const [handler, all] of byHandler(works)) {
    const stored = await handler.storedLocks?.(tx, all);
    if (stored !== undefined) keys.push(...stored);
  }
  await takeAdvisoryLocks(tx, keys);
}

function byHandler(works: readonly Work[]): Map<MutationHandler, unknown[]> {
  const all = new Map<MutationHandler, unknown[]>();
  for (const { handler, args } of works) all.set(handler, [...(all.get(handler) ?? []), args]);
  return all;
}

/** Two ids that end alike only wait for each other without need. */
function subjectKey(id: string): bigint {
  return (NAMESPACE << NAMESPACE_SHIFT) | (BigInt(`0x${id.replaceAll('-', '')}`) & ID_MASK);
}
