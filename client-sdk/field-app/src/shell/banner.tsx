import { useEffect, useRef, useState } from 'react';
import { useStatus } from '@halo/client/react';
import { Icon } from '../ui/icon.tsx';
import type { IconName } from '../ui/icon.tsx';
import { useNow } from '../ui/use-now.ts';
import { bannerState, deliveredBetween } from './banner-state.ts';
import type { BannerTone } from './banner-state.ts';
import { goTo } from './route.ts';

/** How long the good news stays. */
const DELIVERED_SHOWN_MS = 8_000;

const ICONS: Partial<Record<BannerTone, IconName>> = {
  offline: 'cloudOff',
  good: 'check',
  attention: 'alert',
};

/**
 * One line that always tells where things stand. Its height never changes, so that nothing below it moves;
 * screen readers hear it when it changes.
 */
export function Banner({ onLogIn }: { onLogIn: () => void }) {
  const status = useStatus();
  const delivered = useDelivered(status.outbox);
  const { tone, text, action, network } = bannerState(status, delivered, useNow());
  const icon = ICONS[tone];
  const line = (
    <>
      {icon === undefined ? <span className="banner-dot" /> : <Icon name={icon} size={20} />}
      <span className="banner-text">{text}</span>
      {network !== undefined && <span className="banner-network">{network}</span>}
    </>
  );
  return (
    <div className={`banner banner-${tone}`}>
      <div role="status" aria-live="polite" className="banner-line" data-testid="banner">
        {action === undefined ? (
          <span className="banner-content">{line}</span>
        ) : (
          <button
            type="button"
            className="banner-content"
            onClick={action === 'log_in' ? onLogIn : () => goTo('mine')}
          >
            {line}
          </button>
        )}
      </div>
    </div>
  );
}

/** How many reports have arrived within the last moments. */
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
