import { useCallback, useEffect, useState } from 'react';
import { useHalo } from '@halo/client/react';
import { commentListSchema, commentVotesSchema } from '@halo/shapes/protocol/comments.ts';
import type { CommentVotes, Vote } from '@halo/shapes/protocol/comments.ts';

/** As many comments as are shown. */
const MAX_COMMENTS = 200;

/** Votes on the comments of an incident, and the way to vote. */
export interface Voting {
  /** Of a comment; undefined until the server has told. */
  of(commentId: string): CommentVotes | undefined;
  /** Votes, or takes the vote back that is the same. Rejects with a `code`. */
  cast(commentId: string, vote: Vote): Promise<void>;
}

/**
 * Votes are not in the replica: they are asked for when the incident is opened, when there are other ones that the server has (`count`), and when
 * the network is back.
 */
export function useVotes(incidentId: string, count: number, isOffline: boolean): Voting {
  const halo = useHalo();
  const [votes, setVotes] = useState<ReadonlyMap<string, CommentVotes>>(new Map());
  const path = `/api/v1/incidents/${incidentId}/comments`;
  useEffect(() => {
    if (isOffline || count === 0) return undefined;
    let isCurrent = true;
    halo.request('GET', `${path}?limit=${MAX_COMMENTS}`).then(
      (answer) => {
        const list = commentListSchema.safeParse(answer);
        if (isCurrent && list.success) setVotes(new Map(list.data.comments.map((one) => [one.id, one])));
      },
      // Comments are read without them; the next look tries again.
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [halo, path, count, isOffline]);
  const of = useCallback((commentId: string) => votes.get(commentId), [votes]);
  const cast = useCallback(
    async (commentId: string, vote: Vote) => {
      const isBack = votes.get(commentId)?.myVote === vote;
      const [method, body] = isBack ? (['DELETE', undefined] as const) : (['PUT', { vote }] as const);
      const answer = await halo.request(method, `${path}/${commentId}/vote`, body);
      const stands = commentVotesSchema.parse(answer);
      setVotes((before) => new Map([...before, [commentId, stands]]));
    },
    [halo, path, votes],
  );
  return { of, cast };
}
