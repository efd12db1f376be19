/**
 * A value's JSON as `jsonb` takes it, which has no NUL and no half of a surrogate pair: each is shown as the
 * replacement character. What is sent to the server is left as it was written.
 */
export function toJsonb(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'string' ? part.replaceAll(/\p{Surrogate}/gu, '\uFFFD').replaceAll('\0', '\uFFFD') : part,
  );
}
