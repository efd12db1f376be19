/** Cursors count seconds from here; the date is Electric's. */
const CURSOR_EPOCH_SECONDS = Date.UTC(2024, 9, 9) / 1000;
/** One cursor for all who ask within this time, so that caches can merge them; in seconds. */
const INTERVAL_SECONDS = 20;
const MAX_JUMP_SECONDS = 3_600;

/**
 * The cursor of a live answer: the present, rounded up to the interval; and if the reader sent that one or a
 * later one, his plus a random jump, so that he never asks the same URL twice.
 */
export function nextCursor(sent: string | null, now: Date, random: () => number): string {
  const seconds = now.getTime() / 1000 - CURSOR_EPOCH_SECONDS;
  const present = Math.ceil(seconds / INTERVAL_SECONDS) * INTERVAL_SECONDS;
  const previous = sent !== null && /^\d{1,15}$/.test(sent) ? Number(sent) : 0;
  if (previous < present) return String(present);
  return String(previous + 1 + Math.floor(random() * MAX_JUMP_SECONDS));
}
