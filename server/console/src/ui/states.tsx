import type { ReactNode } from 'react';
import type { ApiError } from '../session/api-error.ts';
import type { Loaded } from '../session/use-api.ts';
import type { Followed } from '../sync/follower.ts';
import { errorText, t } from '../texts/texts.ts';
import { Age } from './age.tsx';
import { Icon } from './icon.tsx';

/** Keeps a place while its contents come. */
export function Loading({ rows = 4 }: { rows?: number }) {
  return (
    <div className="loading" role="status">
      <span className="visually-hidden">{t.loading}</span>
      {Array.from({ length: rows }, (_, n) => (
        <span key={n} className="skeleton" aria-hidden="true" />
      ))}
    </div>
  );
}

/** There is nothing, and that is an answer. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="blank">
      <Icon name="inbox" size={28} />
      <p className="blank-title">{title}</p>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}

/** It could not be had: why, and a way to try again; or it is not for this person. */
export function Failed({ error, onRetry }: { error: ApiError; onRetry?: () => void }) {
  if (error.status === 403) return <Forbidden />;
  return (
    <div className="blank blank-bad" role="alert">
      <Icon name="alert" size={28} />
      <p className="blank-title">{errorText(error)}</p>
      <p className="code">{error.code}</p>
      {onRetry !== undefined && (
        <button type="button" className="button" onClick={onRetry}>
          {t.tryAgain}
        </button>
      )}
    </div>
  );
}

/** What the account's role does not open. */
export function Forbidden() {
  return (
    <div className="blank">
      <Icon name="lock" size={28} />
      <p className="blank-title">{t.forbidden}</p>
      <p>{t.forbiddenLead}</p>
    </div>
  );
}

/** Shows what was asked for, or why it is not there. Old data stays in sight, and is said to be old. */
export function Show<T>({
  of,
  rows,
  children,
}: {
  of: Loaded<T>;
  rows?: number;
  children: (data: T) => ReactNode;
}) {
  const { data, error, atMs, reload } = of;
  if (data === undefined) {
    if (error !== undefined) return <Failed error={error} onRetry={reload} />;
    return <Loading {...(rows === undefined ? {} : { rows })} />;
  }
  return (
    <>
      {error !== undefined && (
        <p className="note note-warn" role="alert">
          {errorText(error)} {t.shownAsOf} <Age at={atMs} />.{' '}
          <button type="button" className="link" onClick={reload}>
            {t.tryAgain}
          </button>
        </p>
      )}
      {children(data)}
    </>
  );
}

/** Says that what comes by itself does not come, and since when, or why. */
export function LostNote({ of }: { of: Followed }) {
  if (of.at === 'refused')
    return (
      <p className="note note-warn" role="alert">
        {t.liveRefused} {errorText({ code: of.code ?? '', message: '' })}
      </p>
    );
  if (of.at !== 'lost') return null;
  return (
    <p className="note note-warn" role="alert">
      {t.liveLost} <Age at={of.sinceMs} />. {t.liveLostLead}
    </p>
  );
}

/** Shows rows that follow the server, or why they are not there. */
export function ShowShape({
  of,
  children,
}: {
  of: Followed;
  children: (rows: Followed['rows']) => ReactNode;
}) {
  if (of.at === 'refused') {
    return of.code === 'forbidden' || of.code === 'http_403' ? (
      <Forbidden />
    ) : (
      <div className="blank blank-bad" role="alert">
        <Icon name="alert" size={28} />
        <p className="blank-title">{errorText({ code: of.code ?? '', message: '' })}</p>
      </div>
    );
  }
  if (of.at === 'loading') return <Loading rows={6} />;
  return (
    <>
      <LostNote of={of} />
      {children(of.rows)}
    </>
  );
}
