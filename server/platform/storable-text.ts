/** With the flag `u`, only a surrogate without its partner is a code point of its own. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;
const EACH_UNSTORABLE = new RegExp(UNSTORABLE, 'gu');

/** Whether Postgres can store the text: it takes neither NUL nor half a surrogate pair. */
export function isStorableText(text: string): boolean {
  return !UNSTORABLE.test(text);
}

/** Text as Postgres can store it, of the same length: each such character becomes U+FFFD. */
export function storableText(text: string): string {
  return text.replaceAll(EACH_UNSTORABLE, '\ufffd');
}
