import { useEffect, useState } from 'react';

/** How often words such as "5 min ago" are said anew. */
const TICK_MS = 30_000;

/** The time now, in milliseconds, as it goes on. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
