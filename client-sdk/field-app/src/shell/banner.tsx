import { useEffect, useRef, useState } from 'react';
import { useStatus } from '@halo/client/react';
import { t } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';
import type { IconName } from '../ui/icon.tsx';
import { useNow } from '../ui/use-now.ts';
import { bannerState, deliveredBetween } from './banner-state.ts';
import type { BannerTone } from './banner-state.ts';
import { LastContact } from '../status/last-contact.tsx';
import { goTo } from './route.ts';

/** How long the good news stays. */
const DELIVERED_SHOWN_MS = 8_000;

const ICONS: Partial<Record<BannerTone, IconName>> = {
  offline: 'cloudOff',
  good: 'check',
  attention: 'alert',
};

/**
 * One line that always tells where things stand, and under it how long ago the server last answered. Its height never
 * changes, so that nothing below it moves. Screen readers hear the line when it changes, and not each tick of the age.
 */
export function Banner({ onLogIn, onDetails }: { onLogIn: () => void; onDetails?: () => void }) {
  const status = useStatus();
  const delivered = useDelivered(status.outbox);
  const { tone, text, action, network } = bannerState(status, delivered, useNow());
  const icon = ICONS[tone];
  const press = action === undefined ? onDetails : action === 'log_in' ? onLogIn : () => goTo('queue');
  const line = (
    <>
      {icon === undefined ? <span className="banner-dot" /> : <Icon name={icon} size={20} />}
      <span className="banner-text">{text}</span>
    </>
  );
  return (
    <section className={`banner banner-${tone}`} aria-label={t.connection.open}>
      <div role="status" aria-live="polite" className="banner-line" data-testid="banner">
        {press === undefined ? (
          <span className="banner-content">{line}</span>
        ) : (
          <button
            type="button"
            className={action === undefined ? 'banner-content' : 'banner-content banner-action'}
            aria-haspopup={action === undefined ? 'dialog' : undefined}
            onClick={press}
          >
            {line}
          </button>
        )}
      </div>
      <p className="banner-age">
        {network !== undefined && `${network} · `}
        {t.connection.lastContact}: <LastContact at={status.lastContactAt} />
      </p>
    </section>
  );
}

/** How much has arrived within the last moments. */
function useDelivered(outbox: { readonly pending: number; readonly rejected: number }): number {
  const before = useRef(outbox);
  const [delivered, setDelivered] = useState(0);
  useEffect(() => {
    const arrived = deliveredBetween(before.current, outbox);
    before.current = outbox;
    if (arrived > 0) setDelivered((sum) => sum + arrived);
  }, [outbox]);
  useEffect(() => {
    if (delivered === 0) return undefined;
    const timer = setTimeout(() => setDelivered(0), DELIVERED_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [delivered]);
  return delivered;
}
