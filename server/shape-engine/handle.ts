/** A handle taken apart. */
export interface Handle {
  /** Hash of what is followed: whoever computes the same one can serve any offset that the log covers. */
  readonly shape: string;
}

const HANDLE = /^([0-9a-f]{24})-\d{1,20}-[0-9a-z]{6,16}$/;

/** Reads a handle; undefined when the text is none of ours. */
export function parseHandle(text: string): Handle | undefined {
  const match = HANDLE.exec(text);
  return match === null ? undefined : { shape: match[1]! };
}

/**
 * Makes a handle that was never given before: the hash, the log position at which its snapshot began, and a
 * nonce. The last two only tell snapshots apart; a handle is never reused for other contents.
 */
export function mintHandle(shape: string, position: bigint, random: () => number): string {
  const nonce = [0, 1]
    .map(() =>
      Math.floor(random() * 36 ** 5)
        .toString(36)
        .padStart(5, '0'),
    )
    .join('');
  return `${shape}-${position}-${nonce}`;
}
