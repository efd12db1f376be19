import { useEffect, useRef } from 'react';
import type { Queued } from '@halo/client';
import { useOutboxPage } from '../queue/use-outbox-page.ts';
import { goTo } from '../shell/route.ts';
import { t } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';

/** Says that the report is on the device for good, then follows it until it has arrived. */
export function ReportSaved({ saved, onAnother }: { saved: Queued; onAnother: () => void }) {
  // Of a long queue this one entry is read, wherever it stands.
  const entries = useOutboxPage(1, saved.seq - 1);
  const entry = entries?.find(({ id }) => id === saved.id);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const arrived = entries !== undefined && entry === undefined;
  const words = entry?.state === 'rejected' ? t.savedRejected : arrived ? t.savedDelivered : t.savedQueued;
  return (
    <section className="page saved">
      <span className={arrived ? 'saved-mark saved-mark-arrived' : 'saved-mark'}>
        <Icon name="check" size={56} />
      </span>
      <h1 ref={heading} tabIndex={-1}>
        {t.savedTitle}
      </h1>
      {/* No live region: the banner says the same when it changes, and once is enough. */}
      <p className="lead saved-state" data-testid="saved-state">
        {words}
      </p>
      <button type="button" className="button button-main" onClick={() => goTo('mine')}>
        {t.seeMine}
      </button>
      <button type="button" className="button button-quiet" onClick={onAnother}>
        {t.reportAnother}
      </button>
    </section>
  );
}
