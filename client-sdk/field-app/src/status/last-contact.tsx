import { exactAge, fullTime } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { useNow } from '../ui/use-now.ts';

const TICK_MS = 1_000;

/** How long ago the server last answered, ticking. */
export function LastContact({ at }: { at: Date | undefined }) {
  const nowMs = useNow(TICK_MS);
  if (at === undefined) return <span>{t.connection.never}</span>;
  return (
    <time dateTime={at.toISOString()} title={fullTime(at)}>
      {exactAge(at, nowMs)}
    </time>
  );
}
