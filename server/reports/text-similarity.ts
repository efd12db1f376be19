/** Words that say nothing of what happened, in Swedish and English. */
const STOP_WORDS = new Set(
  (
    'och att det som en ett är på i av för med till den har de inte om vi var jag men från vid så här där man ' +
    'när nu kan ska mot under efter över blev blir finns just två tre några någon något ' +
    'the and a an of to in is on at it was were by for with from as there this that has have had are be been ' +
    'i we he she they near some someone something just now two three after'
  ).split(' '),
);
/** What is compared of a text, in characters: the beginning tells what happened. */
export const COMPARED_CHARACTERS = 400;
/** Texts with fewer pieces than this say too little to be compared. */
const LEAST_PIECES = 8;

/** The pieces of three letters that the words of a text are made of; see `textSimilarity`. */
export type TextPieces = ReadonlySet<string>;

/** Cuts a text into its pieces. Case, punctuation and the order of words do not count. */
export function piecesOf(text: string): TextPieces {
  const pieces = new Set<string>();
  const words = text
    .slice(0, COMPARED_CHARACTERS)
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu);
  for (const word of words ?? []) {
    if (STOP_WORDS.has(word)) continue;
    const padded = ` ${word} `;
    for (let at = 0; at + 3 <= padded.length; at += 1) pieces.add(padded.slice(at, at + 3));
  }
  return pieces;
}

/**
 * How alike two texts are, from 0 to 1: the Dice coefficient of their trigrams (Dice 1945; trigrams of words as in pg_trgm).
 * Pieces of words forgive endings and misspellings in Swedish and English alike, without knowing which it is. Undefined where
 * one of them says too little.
 */
export function textSimilarity(a: TextPieces, b: TextPieces): number | undefined {
  if (a.size < LEAST_PIECES || b.size < LEAST_PIECES) return undefined;
  const [small, large] = a.size <= b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const piece of small) if (large.has(piece)) shared += 1;
  return (2 * shared) / (a.size + b.size);
}
