/** One stream, as seen by what decides which batches are committed together. */
export interface FrontierMember {
  readonly id: string;
  /** Whether siblings wait for it: it has rows in sight and contact with the server. */
  readonly counted: boolean;
  /** Every transaction up to this LSN is committed here; undefined when that is not known. */
  readonly committed: bigint | undefined;
  /** Its batch that waits to be committed, good up to `lsn`; an undefined `lsn` need not wait. */
  readonly waiting: { readonly lsn: bigint | undefined } | undefined;
}

export interface FrontierDecision {
  /** Members whose waiting batches are committed now, in one transaction. */
  readonly commit: readonly string[];
  /** Members that a waiting batch waits for, and that have nothing of their own under way. */
  readonly laggards: readonly string[];
}

/**
 * Which batches may be committed so that no transaction is ever seen half (invariant 7): a batch that reaches
 * LSN n waits until every sibling has reached n too. The frontier is the lowest LSN that all have reached,
 * committed or waiting; the batch that sets it can always be committed, so that nobody waits in a circle.
 */
export function decideFrontier(members: readonly FrontierMember[]): FrontierDecision {
  const reached = members
    .filter(({ counted, waiting }) => counted || waiting !== undefined)
    .map(({ committed, waiting }) => (waiting === undefined ? committed : waiting.lsn))
    .filter((lsn) => lsn !== undefined);
  const frontier = reached.reduce<bigint | undefined>(
    (lowest, lsn) => (lowest === undefined || lsn < lowest ? lsn : lowest),
    undefined,
  );
  const within = (lsn: bigint | undefined) => lsn === undefined || frontier === undefined || lsn <= frontier;
  const waiting = members.filter((member) => member.waiting !== undefined);
  const commit = waiting.filter((member) => within(member.waiting?.lsn)).map(({ id }) => id);
  const blocked = waiting.filter((member) => !within(member.waiting?.lsn));
  const laggards = blocked.length === 0 ? [] : members.filter((member) => lagsBehind(member, blocked));
  return { commit, laggards: laggards.map(({ id }) => id) };
}

function lagsBehind(member: FrontierMember, blocked: readonly FrontierMember[]): boolean {
  const { counted, committed, waiting } = member;
  if (!counted || waiting !== undefined || committed === undefined) return false;
  return blocked.some(({ waiting: batch }) => batch?.lsn !== undefined && committed < batch.lsn);
}
