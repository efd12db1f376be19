import { useState } from 'react';
import { shortId } from '../texts/format.ts';
import { t } from '../texts/texts.ts';

/** An id, cut short, with a button that copies the whole of it. */
export function Id({ of }: { of: string }) {
  return (
    <code className="id" title={of}>
      {shortId(of)}
    </code>
  );
}

/** A button that copies `text`, and says that it did. */
export function Copy({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <button
      type="button"
      className="button button-small"
      onClick={() =>
        // Without a secure context, or when it is forbidden, the text is there to be marked by hand.
        void navigator.clipboard?.writeText(text).then(
          () => setCopied(true),
          () => setCopied(false),
        )
      }
    >
      {copied ? t.copied : label}
    </button>
  );
}
