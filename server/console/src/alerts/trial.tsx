import { useState } from 'react';
import { alertTrialSchema } from '@halo/shapes/protocol/alerts.ts';
import type { AlertTrial } from '@halo/shapes/protocol/alerts.ts';
import { useParts } from '../session/session-context.tsx';
import { askJson } from '../session/use-api.ts';
import { t } from '../texts/texts.ts';
import { Confirmed } from '../ui/dialog.tsx';
import { trialWords } from './alert-words.ts';

const PATH = '/api/v1/admin/alerts/trial';

/** Sends a message for a trial where alerts are told, and says what came of it. */
export function Trial() {
  const { session } = useParts();
  const [isOpen, setOpen] = useState(false);
  const [trial, setTrial] = useState<AlertTrial>();
  const send = async () => {
    setTrial(undefined);
    setTrial(await askJson(session, PATH, alertTrialSchema, { method: 'POST' }));
  };
  return (
    <span className="chips">
      <span role="status">{trial === undefined ? '' : trialWords(trial)}</span>
      <Confirmed
        label={t.alerts.trial}
        title={t.alerts.trialTitle}
        lead={t.alerts.trialBody}
        yes={t.alerts.trialYes}
        open={isOpen}
        onOpen={setOpen}
        action={send}
      />
    </span>
  );
}
