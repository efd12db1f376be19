import { createHash } from 'node:crypto';

/** Hashes kept, so that rows with one value hash it once. */
const MAX_KNOWN = 10_000;
/** Characters of a hash. */
const HASH_CHARACTERS = 32;

/** Names values without telling them: alike within one shape, and different in every other. */
export class TagHashes {
  readonly #salt: string;
  readonly #known = new Map<string | null, string>();

  constructor(salt: string) {
    this.#salt = salt;
  }

  /** The hash of a value's key; that of NULL is one, too. */
  of(key: string | null): string {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    const text = `${this.#salt}:${key === null ? 'null' : `value:${key}`}`;
    const hash = createHash('sha256').update(text).digest('hex').slice(0, HASH_CHARACTERS);
    this.#known.set(key, hash);
    return hash;
  }
}

/**
 * The tags of a row in Electric's form: one for each group, with a place for each literal: the value's hash, `1` for
 * what the row alone decides, nothing for a literal of other groups.
 * @param keys for each literal that is a subquery the key of the row's value, undefined for the others.
 */
export function tagsOf(
  groups: readonly (readonly number[])[],
  keys: readonly (string | null | undefined)[],
  hashes: TagHashes,
): readonly string[] {
  const parts = keys.map((key) => (key === undefined ? '1' : hashes.of(key)));
  return groups.map((group) => parts.map((part, i) => (group.includes(i) ? part : '')).join('/'));
}
