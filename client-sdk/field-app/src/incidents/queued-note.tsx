import { t } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';

/** Marks what is on this device alone until it has been sent. */
export function QueuedNote() {
  return (
    <span className="queued-note">
      <Icon name="clock" size={16} /> {t.incidentsView.waiting}
    </span>
  );
}
