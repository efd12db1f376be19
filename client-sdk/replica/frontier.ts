/** One stream, as seen by what decides which batches are committed together. */
export interface FrontierMember {
  readonly id: string;
  /** Whether siblings wait for it: it has rows in sight, and the server is believed to tell it what they tell. */
  readonly counted: boolean;
  /** It has lost contact, or is read anew: it can be waited for and not be asked. */
  readonly away: boolean;
  /** Every transaction up to this LSN is committed here; undefined when that is not known. */
  readonly committed: bigint | undefined;
  /** Its batch that waits to be committed. */
  readonly waiting: FrontierBatch | undefined;
}

/** A batch that waits. */
export interface FrontierBatch {
  /** Every transaction up to this LSN is in it or before it; who does not know need not wait. */
  readonly lsn: bigint | undefined;
  /** LSNs of the transactions in it, ascending, behind each of which it can be cut; none where it is one whole. */
  readonly cuts: readonly bigint[];
}

/** What of a waiting batch is committed now: all of it, or what lies up to an LSN. */
export interface FrontierPart {
  readonly id: string;
  readonly upTo: bigint | undefined;
}

export interface FrontierDecision {
  /** Committed now, in one transaction. */
  readonly commit: readonly FrontierPart[];
  /** Members that a waiting batch waits for, and that can be asked to look at once. */
  readonly laggards: readonly string[];
}

/**
 * What may be committed so that no transaction is ever seen half (invariant 7). The frontier is the lowest LSN that
 * all have reached, committed or waiting. Up to there everything is committed at once, and nothing beyond it: a batch
 * that reaches further is cut, since a part of what a sibling commits may lie in its beginning. The batch that sets the
 * frontier can always be committed, so that nobody waits in a circle.
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
  const commit: FrontierPart[] = [];
  const blocked: bigint[] = [];
  for (const { id, waiting } of members) {
    if (waiting === undefined) continue;
    const { lsn, cuts } = waiting;
    if (lsn === undefined || frontier === undefined || lsn <= frontier) {
      commit.push({ id, upTo: undefined });
      continue;
    }
    blocked.push(lsn);
    if (cuts[0] !== undefined && cuts[0] <= frontier) commit.push({ id, upTo: frontier });
  }
  const laggards = members.filter((member) => blocked.some((lsn) => lagsBehind(member, lsn)));
  return { commit, laggards: laggards.map(({ id }) => id) };
}

function lagsBehind({ counted, away, committed, waiting }: FrontierMember, lsn: bigint): boolean {
  return counted && !away && waiting === undefined && committed !== undefined && committed < lsn;
}
