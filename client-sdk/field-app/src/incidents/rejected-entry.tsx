import { useHalo } from '@halo/client/react';
import type { OutboxEntry } from '@halo/client';
import { errorText, t } from '../texts/texts.ts';
import { wayBack } from '../ui/way-back.ts';
import { useAttempt } from './use-attempt.ts';

const words = t.incidentsView;
const REASONS: Readonly<Record<string, string>> = {
  transition_conflict: words.conflict,
  illegal_transition: words.illegal,
};

/** What the server did not take: why, and the choice to say it again or to let it go. */
export function RejectedEntry({ entry, what, again }: { entry: OutboxEntry; what: string; again: string }) {
  const halo = useHalo();
  const { attempt, busy, error } = useAttempt();
  const { id, rejection } = entry;
  const leave = async (work: () => Promise<unknown>) => {
    const goBack = wayBack();
    if (await attempt(work)) goBack();
  };
  const reason =
    REASONS[rejection?.code ?? ''] ?? errorText(rejection?.code ?? 'unknown', rejection?.message);
  return (
    <div className="rejected-entry" role="group" aria-label={words.rejected(what)}>
      <p>
        <strong>{words.rejected(what)}</strong> {reason}
      </p>
      {error !== undefined && (
        <p className="field-error" role="alert">
          {errorText(error.code, error.message)}
        </p>
      )}
      <div className="report-actions">
        <button
          type="button"
          className="button button-small"
          aria-disabled={busy}
          onClick={() => void leave(() => halo.outbox.resend(id, {}))}
        >
          {again}
        </button>
        <button
          type="button"
          className="button button-small button-quiet"
          aria-disabled={busy}
          onClick={() => void leave(() => halo.outbox.discard(id))}
        >
          {words.drop}
        </button>
      </div>
    </div>
  );
}
