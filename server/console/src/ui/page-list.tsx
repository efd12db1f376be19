import type { ReactNode } from 'react';
import type { Pages } from '../session/use-pages.ts';
import { errorText, t } from '../texts/texts.ts';
import { Failed, Loading } from './states.tsx';

/** Shows the pages that were read, a way to more of them, or why there are none. */
export function PageList<Item>({
  of,
  empty,
  children,
}: {
  of: Pages<Item>;
  empty: ReactNode;
  children: (items: readonly Item[]) => ReactNode;
}) {
  const { items, error, busy, more, reload } = of;
  if (items === undefined) {
    return error === undefined ? <Loading rows={6} /> : <Failed error={error} onRetry={reload} />;
  }
  return (
    <>
      {error !== undefined && (
        <p className="note note-warn" role="alert">
          {errorText(error)}{' '}
          <button type="button" className="link" onClick={reload}>
            {t.tryAgain}
          </button>
        </p>
      )}
      {items.length === 0 ? empty : children(items)}
      {more !== undefined && (
        <div className="more">
          <button type="button" className="button" aria-disabled={busy} onClick={more}>
            {busy ? t.working : t.showMore}
          </button>
        </div>
      )}
    </>
  );
}
