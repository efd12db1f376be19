/** A test over fewer weeks says little: seasons differ, and its intervals are drawn from the weeks that there are. */
export const MIN_ORIGINS = 52;

/** In words that a test has fewer weekly origins than it takes; undefined where it has enough. */
export function fewOrigins(origins: number): string | undefined {
  if (origins >= MIN_ORIGINS) return undefined;
  return `Warning: ${origins} weekly origins are fewer than ${MIN_ORIGINS}. Such a test knows no whole year, and its intervals are not to be relied on.`;
}
