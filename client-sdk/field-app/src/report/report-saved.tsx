import { useEffect, useRef } from 'react';
import { useOutbox } from '@halo/client/react';
import { goTo } from '../shell/route.ts';
import { t } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';

/** Says that the report is on the device for good, then follows it until it has arrived. */
export function ReportSaved({ id, onAnother }: { id: string; onAnother: () => void }) {
  const entries = useOutbox();
  const entry = entries?.find((candidate) => candidate.id === id);
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
      <p className="lead saved-state" role="status" data-testid="saved-state">
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
