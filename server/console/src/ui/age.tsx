import { ago, fullTime } from '../texts/format.ts';
import { useNow } from './use-now.ts';

/** How long ago in words, with the exact time for whoever points at it; a dash where there is no time. */
export function Age({ at }: { at: string | number | null | undefined }) {
  const nowMs = useNow();
  if (at === null || at === undefined) return <span className="none">–</span>;
  const atMs = typeof at === 'number' ? at : Date.parse(at);
  // A row that has just come is newer than the last tick.
  const seenMs = Math.max(nowMs, Math.min(atMs, nowMs + 10_000));
  return (
    <time dateTime={new Date(atMs).toISOString()} title={fullTime(atMs)}>
      {ago(atMs, seenMs)}
    </time>
  );
}
