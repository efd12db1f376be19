import { useId, useMemo, useState } from 'react';
import { useHalo, useLive, useOutbox, useStatus } from '@halo/client/react';
import { useOpenSession } from '../device/session-context.tsx';
import { useKeptText } from '../device/use-kept.ts';
import { fullTime, timeAgo } from '../texts/format.ts';
import { errorText, t } from '../texts/texts.ts';
import { useNow } from '../ui/use-now.ts';
import { wayBack } from '../ui/way-back.ts';
import { rejectedAbout } from './decisions.ts';
import { QueuedNote } from './queued-note.tsx';
import { RejectedEntry } from './rejected-entry.tsx';
import { useAttempt } from './use-attempt.ts';
import { useVotes } from './use-votes.ts';
import type { Voting } from './use-votes.ts';
import { Votes } from './votes.tsx';

const words = t.incidentsView;
const MAX_COMMENTS = 200;
/** The schema's own bound. */
const MAX_LENGTH = 2_000;
const TYPES = ['comment.create', 'comment.delete'];

const COMMENTS_SQL = `
  SELECT c.id, c.body, c.by_officer, c.created_at, c.sync_state,
    c.sync_state = 'queued' OR EXISTS (SELECT 1 FROM my_mutations m WHERE m.id = c.id) AS is_own
  FROM comments c WHERE c.incident_id = $1 ORDER BY c.created_at, c.id LIMIT ${MAX_COMMENTS}`;

type CommentRow = {
  readonly id: string;
  readonly body: string;
  readonly by_officer: boolean | null;
  readonly created_at: Date;
  readonly sync_state: string;
  readonly is_own: boolean;
};

/** What has been said about an incident, and a line to say something; offline too. */
export function Comments({ incidentId }: { incidentId: string }) {
  const { role } = useOpenSession();
  const params = useMemo(() => [incidentId], [incidentId]);
  const comments = useLive<CommentRow>(COMMENTS_SQL, params);
  const rejected = rejectedAbout(useOutbox(), incidentId, TYPES);
  const nowMs = useNow();
  const isOffline = useStatus().network === 'offline';
  const sent = comments?.filter(({ sync_state }) => sync_state !== 'queued').length ?? 0;
  const voting = useVotes(incidentId, sent, isOffline);
  return (
    <section className="details-part" aria-label={words.comments}>
      <h3>{words.comments}</h3>
      {comments?.length === 0 && <p className="field-hint">{words.noComments}</p>}
      {isOffline && comments !== undefined && comments.length > 0 && (
        <p className="field-hint">{words.votesNeedNetwork}</p>
      )}
      <ul className="comments">
        {comments?.map((comment) => (
          <li key={comment.id}>
            <Comment
              comment={comment}
              nowMs={nowMs}
              mayDelete={comment.is_own || role !== 'reporter'}
              voting={isOffline ? undefined : voting}
            />
          </li>
        ))}
      </ul>
      {rejected.map((entry) => (
        <RejectedEntry
          key={entry.id}
          entry={entry}
          what={(entry.args as { body?: string }).body ?? words.deleteComment}
          again={words.sendAgain}
        />
      ))}
      <CommentForm incidentId={incidentId} />
    </section>
  );
}

function Comment({
  comment,
  nowMs,
  mayDelete,
  voting,
}: {
  comment: CommentRow;
  nowMs: number;
  mayDelete: boolean;
  voting: Voting | undefined;
}) {
  const halo = useHalo();
  const [sure, setSure] = useState(false);
  const { attempt, error } = useAttempt();
  const { id, body, by_officer, created_at, sync_state, is_own } = comment;
  const remove = async () => {
    const goBack = wayBack();
    if (await attempt(() => halo.deleteComment(id))) goBack();
  };
  return (
    <article className="comment">
      <p className="comment-text">{body}</p>
      <div className="comment-foot">
        <span className="card-time">
          {[is_own ? words.byYou : undefined, by_officer === true ? words.byOfficer : undefined]
            .filter(Boolean)
            .map((who) => `${who} · `)}
          <time dateTime={created_at.toISOString()} title={fullTime(created_at)}>
            {timeAgo(created_at, nowMs)}
          </time>
        </span>
        {sync_state === 'queued' && <QueuedNote />}
        {mayDelete && (
          <button type="button" className="link" onClick={() => (sure ? void remove() : setSure(true))}>
            {sure ? words.deleteSure : words.deleteComment}
          </button>
        )}
      </div>
      {voting !== undefined && sync_state !== 'queued' && (
        <Votes commentId={id} isOwn={is_own} voting={voting} />
      )}
      {error !== undefined && (
        <p className="field-error" role="alert">
          {errorText(error.code, error.message)}
        </p>
      )}
    </article>
  );
}

function CommentForm({ incidentId }: { incidentId: string }) {
  const halo = useHalo();
  const id = useId();
  const { value: body, change, forget } = useKeptText(`comment ${incidentId}`);
  const { attempt, error, busy } = useAttempt();
  const send = async () => {
    if (await attempt(() => halo.addComment({ incidentId, body }))) forget();
  };
  return (
    <form
      className="field"
      onSubmit={(event) => {
        event.preventDefault();
        if (body.trim() !== '' && !busy) void send();
      }}
    >
      <label className="field-label" htmlFor={id}>
        {words.addComment}
      </label>
      <textarea
        className="input"
        id={id}
        rows={2}
        maxLength={MAX_LENGTH}
        value={body}
        aria-describedby={`${id}-hint`}
        onChange={({ target }) => change(() => target.value)}
      />
      <p className="field-hint" id={`${id}-hint`}>
        {words.commentHint}
      </p>
      {error !== undefined && (
        <p className="field-error" role="alert">
          {errorText(error.code, error.message)}
        </p>
      )}
      <button type="submit" className="button" aria-disabled={body.trim() === '' || busy}>
        {words.send}
      </button>
    </form>
  );
}
