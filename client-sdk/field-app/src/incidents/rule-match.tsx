import { useState } from 'react';
import { useHalo, useStatus } from '@halo/client/react';
import { matchSchema } from '@halo/shapes/protocol/decisions.ts';
import { errorText, t } from '../texts/texts.ts';
import { wayBack } from '../ui/way-back.ts';
import { useAttempt } from './use-attempt.ts';

const words = t.incidentsView;

/**
 * For officers: whether an official event and an incident, in whichever order, are one. The word stands for good; it needs a
 * network. And the way to the other one.
 */
export function RuleMatch({
  incidentId,
  otherId,
  onShow,
}: {
  incidentId: string;
  otherId: string;
  onShow: () => void;
}) {
  const halo = useHalo();
  const isOffline = useStatus().network === 'offline';
  const { attempt, busy, error } = useAttempt();
  const [isRuled, setRuled] = useState(false);
  const rule = async (state: 'match' | 'rejected') => {
    if (isOffline || busy) return;
    const body = { otherId, state };
    const goBack = wayBack();
    const went = await attempt(async () => {
      matchSchema.parse(await halo.request('POST', `/api/v1/incidents/${incidentId}/matches`, body));
    });
    if (!went) return;
    setRuled(true);
    goBack();
  };
  if (isRuled) {
    return (
      <p className="field-hint" role="status">
        {words.ruled}
      </p>
    );
  }
  return (
    <div className="report-actions">
      {(['match', 'rejected'] as const).map((state) => (
        <button
          key={state}
          type="button"
          className={state === 'match' ? 'button button-small' : 'button button-small button-quiet'}
          aria-disabled={isOffline || busy}
          onClick={() => void rule(state)}
        >
          {words.rulings[state]}
        </button>
      ))}
      <button type="button" className="link" onClick={onShow}>
        {words.show}
      </button>
      {isOffline && <p className="field-hint">{words.handNeedsNetwork}</p>}
      {error !== undefined && (
        <p className="field-error" role="alert">
          {errorText(error.code, error.message)}
        </p>
      )}
    </div>
  );
}
