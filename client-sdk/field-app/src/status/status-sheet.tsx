import { useStatus } from '@halo/client/react';
import { useOpenSession } from '../device/session-context.tsx';
import { useAreas } from '../region/areas.ts';
import { needsLogin } from '../shell/banner-state.ts';
import { hashOf } from '../shell/route.ts';
import { bytes } from '../texts/format.ts';
import { errorText, t } from '../texts/texts.ts';
import { Sheet } from '../ui/sheet.tsx';
import { connectionOf } from './connection.ts';
import { LastContact } from './last-contact.tsx';
import { StorageFacts } from './storage-facts.tsx';
import { StreamList } from './stream-list.tsx';
import { VerifyButton } from './verify-button.tsx';

/** How the device and the server stand to each other, in full: for whoever wonders, and whoever is asked for help. */
export function StatusSheet({ onClose }: { onClose: () => void }) {
  const status = useStatus();
  const areas = useAreas();
  const { email } = useOpenSession();
  const { outbox, behindBytes, lastContactAt, replica, error } = status;
  const state = connectionOf(status, needsLogin(status));
  return (
    <Sheet title={t.connection.title} onClose={onClose}>
      <p className={`connection connection-${state}`} role="status" data-state={state}>
        {t.connection.states[state]}
        {error !== undefined && <span className="fact-note">{errorText(error.code, error.message)}</span>}
      </p>
      <dl className="facts">
        <dt>{t.connection.lastContact}</dt>
        <dd>
          <LastContact at={lastContactAt} />
          {behindBytes !== undefined && behindBytes > 0 && (
            <span className="fact-note">{t.connection.behindBy(bytes(behindBytes))}</span>
          )}
        </dd>
        <dt>{t.connection.waiting}</dt>
        <dd>
          <a href={hashOf('queue')} onClick={onClose}>
            {outbox.pending}
          </a>
        </dd>
        <dt>{t.connection.rejected}</dt>
        <dd>
          <a href={hashOf('queue')} onClick={onClose}>
            {outbox.rejected}
          </a>
        </dd>
        <dt>{t.connection.replica}</dt>
        <dd>
          {t.connection.replicaStates[replica.state]}
          {replica.error !== undefined && (
            <span className="fact-note">{errorText(replica.error.code, replica.error.message)}</span>
          )}
        </dd>
      </dl>
      <VerifyButton />
      <h3>{t.connection.streams}</h3>
      <StreamList streams={status.streams} areaName={(code) => areas.find(code)?.name} />
      <h3>{t.connection.storage}</h3>
      <StorageFacts email={email} />
    </Sheet>
  );
}
