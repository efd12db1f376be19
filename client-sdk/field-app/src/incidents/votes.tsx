import type { Vote } from '@halo/shapes/protocol/comments.ts';
import { errorText, t } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';
import { useAttempt } from './use-attempt.ts';
import type { Voting } from './use-votes.ts';

const words = t.incidentsView;
const CHOICES = [
  { vote: 'up', icon: 'up', label: words.voteUp },
  { vote: 'down', icon: 'down', label: words.voteDown },
] as const;

/** How a comment was voted on, and one's own vote, but for one's own comment. */
export function Votes({ commentId, isOwn, voting }: { commentId: string; isOwn: boolean; voting: Voting }) {
  const { attempt, busy, error } = useAttempt();
  const votes = voting.of(commentId);
  if (votes === undefined) return null;
  const press = (vote: Vote) => {
    if (!busy) void attempt(() => voting.cast(commentId, vote));
  };
  return (
    <div className="votes" role="group" aria-label={words.votes}>
      {CHOICES.map(({ vote, icon, label }) =>
        isOwn ? (
          <span key={vote} className="vote-count">
            <Icon name={icon} size={18} />
            <span aria-hidden="true">{votes[vote]}</span>
            <span className="visually-hidden">{label(votes[vote])}</span>
          </span>
        ) : (
          <button
            key={vote}
            type="button"
            className="vote"
            aria-label={label(votes[vote])}
            aria-pressed={votes.myVote === vote}
            aria-disabled={busy}
            onClick={() => press(vote)}
          >
            <Icon name={icon} size={18} />
            {votes[vote]}
          </button>
        ),
      )}
      {error !== undefined && (
        <p className="field-error" role="alert">
          {errorText(error.code, error.message)}
        </p>
      )}
    </div>
  );
}
