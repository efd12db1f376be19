import { useEffect, useState } from 'react';
import { useHalo, useStatus } from '@halo/client/react';
import { fullTime } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { gapToTell } from './restore-to-tell.ts';
import type { Gap } from './restore-to-tell.ts';

/**
 * Says that the server has lost what was sent between two moments: what a person had sent then has left this device, and he alone
 * knows of it.
 */
export function RestoreNote() {
  const halo = useHalo();
  const { network } = useStatus();
  const [gap, setGap] = useState<Gap>();
  const isOffline = network === 'offline';
  useEffect(() => {
    if (isOffline) return undefined;
    let isCurrent = true;
    halo.request('GET', '/api/v1/restores').then(
      (answer) => isCurrent && setGap(gapToTell(answer, Date.now())),
      // The next look tries again.
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [halo, isOffline]);
  if (gap === undefined) return null;
  return (
    <p className="queue-count" role="status">
      {t.own.restored(fullTime(gap.from), fullTime(gap.to))}
    </p>
  );
}
