import { useMemo, useState } from 'react';
import type { OutboxEntry } from '@halo/client';
import { useStatus } from '@halo/client/react';
import { hashOf } from '../shell/route.ts';
import { timeAgo } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';
import { Skeletons } from '../ui/skeletons.tsx';
import { useNow } from '../ui/use-now.ts';
import { entryWords } from './entry-words.ts';
import { FIRST_PAGE, PAGE_ENTRIES, afterOf, nextPage, previousPage } from './queue-pages.ts';
import type { PagePath } from './queue-pages.ts';
import { RefusedEntry } from './refused-entry.tsx';
import { RejectedElsewhere } from './rejected-elsewhere.tsx';
import { useOutboxPage } from './use-outbox-page.ts';
import { useReportTypes } from './use-report-types.ts';

/** Everything that was done on this device and is not settled, page by page. */
export function QueueView() {
  const { outbox } = useStatus();
  const [path, setPath] = useState(FIRST_PAGE);
  // One more than is drawn: it tells whether another page follows.
  const read = useOutboxPage(PAGE_ENTRIES + 1, afterOf(path));
  const entries = useMemo(() => read?.slice(0, PAGE_ENTRIES), [read]);
  const reportType = useReportTypes(entries);
  const nowMs = useNow();
  const total = outbox.pending + outbox.rejected;
  // What was on a later page may have been sent meanwhile.
  if (read?.length === 0 && path.length > 1) setPath(previousPage(path));
  return (
    <section className="page">
      <h1>{t.queue.title}</h1>
      <p className="lead">{t.queue.lead}</p>
      {read !== undefined && total === 0 ? (
        <div className="empty">
          <h2>{t.queue.empty}</h2>
          <p>{t.queue.emptyLead}</p>
        </div>
      ) : (
        <p className="queue-count">{t.queue.entries(total)}</p>
      )}
      {entries === undefined ? (
        <Skeletons rows={3} />
      ) : (
        <ul className="cards">
          {entries.map((entry) => (
            <li key={entry.id}>
              <QueueEntry entry={entry} reportType={reportType} nowMs={nowMs} />
            </li>
          ))}
        </ul>
      )}
      {read !== undefined && <Pages path={path} read={read} onPath={setPath} />}
      <RejectedElsewhere />
      <a className="button button-quiet" href={hashOf('mine')}>
        {t.life.backToMine}
      </a>
    </section>
  );
}

function QueueEntry({
  entry,
  reportType,
  nowMs,
}: {
  entry: OutboxEntry;
  reportType: (id: string) => string | undefined;
  nowMs: number;
}) {
  const { title, detail } = entryWords(entry, reportType);
  const rejected = entry.state === 'rejected';
  return (
    <article className="card card-flat" data-entry={entry.id}>
      <div className="card-main">
        <div className="card-head">
          <h2 className="card-title">{title}</h2>
          <time className="card-time" dateTime={entry.createdAt}>
            {timeAgo(new Date(entry.createdAt), nowMs)}
          </time>
        </div>
        {detail !== undefined && <p className="card-text">{detail}</p>}
        <p className={`report-state report-state-${rejected ? 'rejected' : 'queued'}`}>
          <Icon name={rejected ? 'alert' : 'clock'} size={18} />{' '}
          {rejected ? t.queue.rejected : t.queue.pending}
        </p>
        {rejected && <RefusedEntry entry={entry} />}
      </div>
    </article>
  );
}

function Pages({
  path,
  read,
  onPath,
}: {
  path: PagePath;
  read: readonly OutboxEntry[];
  onPath: (path: PagePath) => void;
}) {
  const next = nextPage(path, read);
  if (path.length === 1 && next === path) return null;
  const go = (to: PagePath) => {
    onPath(to);
    scrollTo(0, 0);
  };
  return (
    <nav className="queue-pages" aria-label={t.queue.title}>
      <button
        type="button"
        className="button button-small button-quiet"
        disabled={path.length === 1}
        onClick={() => go(previousPage(path))}
      >
        {t.queue.previous}
      </button>
      <span role="status">{t.queue.page(path.length)}</span>
      <button
        type="button"
        className="button button-small button-quiet"
        disabled={next === path}
        onClick={() => go(next)}
      >
        {t.queue.next}
      </button>
    </nav>
  );
}
