import { t } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';

/** A notice in words. */
export interface ShownNotice {
  readonly key: string;
  /** Of the place: a newer notice of it takes the older one's place. */
  readonly tag: string;
  readonly title: string;
  readonly body: string;
}

/** Notices over whatever is shown; read out at once, and in sight until they are dismissed. */
export function NoticeStack({
  notices,
  onDismiss,
}: {
  notices: readonly ShownNotice[];
  onDismiss: (key: string) => void;
}) {
  return (
    <div className="notices" role="alert">
      {notices.map(({ key, title, body }) => (
        <div key={key} className="notice">
          <Icon name="alert" />
          <div className="notice-text">
            <strong>{title}</strong>
            <p>{body}</p>
          </div>
          <button
            type="button"
            className="icon-button"
            aria-label={t.watches.dismiss}
            onClick={() => onDismiss(key)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
