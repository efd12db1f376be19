import { HaloError } from '../../platform/errors.ts';
import { MAX_ROW_CHARS } from './row.ts';

const [QUOTE, BACKSLASH, COMMA, COLON] = ['"', '\\', ',', ':'].map((each) => each.charCodeAt(0));
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = ['[', ']', '{', '}'].map((each) =>
  each.charCodeAt(0),
);

/**
 * Cuts the text of a GeoJSON FeatureCollection, which comes in pieces, into the texts of its features, so that a file of
 * any size is read in the memory of one feature.
 */
export class FeatureSplitter {
  #state: 'before' | 'inside' | 'after' = 'before';
  #depth = 0;
  #inText = false;
  #escaped = false;
  /** The text that was last read on the outermost level, and whether a colon came after it: then it is a key. */
  #name = '';
  #isKey = false;
  /** The feature that has begun; undefined for one that is too large to keep. */
  #feature: string | undefined = '';

  /** The features that end in this piece; undefined for each that is larger than `MAX_ROW_CHARS`. */
  push(text: string): (string | undefined)[] {
    const features: (string | undefined)[] = [];
    let from = 0;
    for (let at = 0; at < text.length; at += 1) {
      const [wasInside, was] = [this.#state === 'inside', this.#depth];
      this.#step(text.charCodeAt(at), text, at);
      if (!wasInside || this.#state !== 'inside') continue;
      if (was === 0 && this.#depth === 1) [from, this.#feature] = [at, ''];
      else if (was === 1 && this.#depth === 0) {
        this.#keep(text, from, at + 1);
        features.push(this.#feature);
        from = at + 1;
      }
    }
    if (this.#state === 'inside' && this.#depth > 0) this.#keep(text, from, text.length);
    return features;
  }

  /** To be called at the end. Fails with `import_no_features` or `import_file_damaged`. */
  end(): void {
    if (this.#state === 'before')
      throw new HaloError('import_no_features', 'The file is JSON, and no GeoJSON FeatureCollection.', {
        hint: 'Give a CSV, or a FeatureCollection of points.',
      });
    if (this.#state === 'inside')
      throw new HaloError('import_file_damaged', 'The file ends in the middle of its features.');
  }

  #keep(text: string, from: number, to: number): void {
    const isSmall = this.#feature !== undefined && this.#feature.length + to - from <= MAX_ROW_CHARS;
    this.#feature = isSmall ? `${this.#feature}${text.slice(from, to)}` : undefined;
  }

  #step(code: number, text: string, at: number): void {
    if (this.#inText) return this.#stepInText(code, text, at);
    if (code === QUOTE) {
      this.#inText = true;
      [this.#name, this.#isKey] = ['', false];
    } else if (code === COLON) this.#isKey = true;
    else if (code === COMMA) this.#isKey = false;
    else if (code === OPEN_LIST || code === OPEN_OBJECT) this.#open(code);
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) this.#close();
  }

  #stepInText(code: number, text: string, at: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (code === BACKSLASH) this.#escaped = true;
    else if (code === QUOTE) this.#inText = false;
    // Only the name of the list is looked for; a longer one is another.
    if (this.#state === 'before' && this.#inText && this.#name.length < 9) this.#name += text[at];
  }

  #open(code: number): void {
    const isList = this.#depth === 1 && this.#isKey && this.#name === 'features' && code === OPEN_LIST;
    if (this.#state === 'before' && isList) [this.#state, this.#depth] = ['inside', 0];
    else this.#depth += 1;
    this.#isKey = false;
  }

  #close(): void {
    if (this.#state === 'inside' && this.#depth === 0) this.#state = 'after';
    this.#depth -= 1;
  }
}
