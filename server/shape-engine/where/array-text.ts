/** An array as text: items as text, not yet read. */
export interface ArrayText {
  readonly items: readonly (string | null)[];
  readonly lengths: readonly number[];
  readonly starts: readonly number[];
}

const MAX_DIMENSIONS = 6;
const UNKNOWN = -1;
const BOUNDS = /^((?:\[[+-]?\d{1,9}:[+-]?\d{1,9}\])+)=/;
/** A quoted item, an unquoted one, or a sign; white space around them means nothing. */
const TOKEN = /[ \t\n\v\f\r]*(?:"((?:[^"\\]|\\.)*)"|([^{}",\\ \t\n\v\f\r]+)|([{},]))[ \t\n\v\f\r]*/suy;

/** Reads an array as Postgres prints it; undefined for what is none, or is written in a stranger way. */
export function parseArray(text: string): ArrayText | undefined {
  const bounds = BOUNDS.exec(text)?.[1];
  const reader = new ArrayReader(text, bounds === undefined ? 0 : bounds.length + 1);
  if (!reader.read()) return undefined;
  const { items, lengths } = reader;
  if (bounds === undefined) return { items, lengths, starts: lengths.map(() => 1) };
  const given = [...bounds.matchAll(/\[([+-]?\d+):([+-]?\d+)\]/g)].map((each) => [
    Number(each[1]),
    Number(each[2]),
  ]);
  const fits =
    given.length === lengths.length && given.every(([from, to], i) => to! - from! + 1 === lengths[i]);
  return fits ? { items, lengths, starts: given.map(([from]) => from!) } : undefined;
}

class ArrayReader {
  readonly items: (string | null)[] = [];
  readonly lengths: number[] = [];
  readonly #text: string;
  #at: number;
  #itemDepth: number | null = null;

  constructor(text: string, from: number) {
    this.#text = text;
    this.#at = from;
  }

  read(): boolean {
    if (this.#token() !== '{' || !this.#list(0) || this.#at !== this.#text.length) return false;
    // Only the whole may be empty, and it has no dimensions then.
    if (this.items.length === 0) {
      if (this.lengths.length > 1) return false;
      this.lengths.length = 0;
    }
    return this.lengths.every((length) => length > 0);
  }

  /** What stands between braces; every list of one depth has the same length. */
  #list(depth: number): boolean {
    if (depth >= MAX_DIMENSIONS) return false;
    let length = 0;
    for (let token = this.#token(); ; token = this.#token()) {
      if (token === '}' && length === 0) break;
      if (token === '{') {
        if (!this.#list(depth + 1)) return false;
      } else if (token !== null && typeof token === 'object') {
        this.#itemDepth ??= depth;
        if (this.#itemDepth !== depth) return false;
        this.items.push(token.item);
      } else return false;
      length += 1;
      const next = this.#token();
      if (next === '}') break;
      if (next !== ',') return false;
    }
    // Inner lists end before outer ones.
    while (this.lengths.length <= depth) this.lengths.push(UNKNOWN);
    if (this.lengths[depth] === UNKNOWN) this.lengths[depth] = length;
    return this.lengths[depth] === length;
  }

  #token(): '{' | '}' | ',' | { readonly item: string | null } | null {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#text);
    if (match === null) return null;
    this.#at = TOKEN.lastIndex;
    const [, quoted, plain, sign] = match;
    if (quoted !== undefined) return { item: quoted.replace(/\\(.)/gsu, '$1') };
    if (plain !== undefined) return { item: plain.toLowerCase() === 'null' ? null : plain };
    return sign as '{' | '}' | ',';
  }
}

/** The text of an array of one dimension, or of none. */
export function formatList(items: readonly (string | null)[]): string {
  const quoted = items.map((item) => (item === null ? 'NULL' : `"${item.replace(/["\\]/g, '\\$&')}"`));
  return `{${quoted.join(',')}}`;
}
