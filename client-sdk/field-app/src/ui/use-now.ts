import { useEffect, useState } from 'react';

/** How often words such as "5 min ago" are said anew. */
const TICK_MS = 30_000;

/** The time now, in milliseconds, as it goes on; by default said anew every half minute. */
export function useNow(everyMs: number = TICK_MS): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
