import type { ResolvedShape } from './resolve-shape.ts';
import { keyPart, keyPrefix } from './row-key.ts';

/** What JSON or COPY's text format write in another way than as itself; a tab only ever parts two fields. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const SPECIAL = /[\\"\u0000-\u0008\u000a-\u001f]/;
const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/**
 * Turns lines of `COPY … TO STDOUT` (text format) into insert messages. COPY gives each value the text of its
 * type's output function, which is what the log has too; a cast to text would differ for booleans and others.
 */
export class CopyRowEncoder {
  readonly #start: string;
  readonly #end: string;
  readonly #names: readonly string[];
  /** For each column of the key, its place among the columns sent. */
  readonly #key: readonly number[];

  constructor(shape: ResolvedShape) {
    const { schema, table } = shape.table;
    this.#start = `{"key":"${jsonInner(keyPrefix(schema, table))}`;
    this.#end = `},"headers":{"operation":"insert","relation":${JSON.stringify([schema, table])}}}`;
    this.#names = shape.columns.map((column, i) => `${i === 0 ? '' : ','}${JSON.stringify(column.name)}:`);
    this.#key = shape.key.map((column) => shape.columns.indexOf(column));
  }

  /** The message of one line, without its line feed. */
  message(line: string): string {
    const fields = this.#names.length === 0 ? [] : line.split('\t');
    const simple = !SPECIAL.test(line);
    let text = this.#start;
    for (const index of this.#key) text += keyText(fields[index]!, simple);
    text += '","value":{';
    for (let i = 0; i < fields.length; i += 1) {
      const field = fields[i]!;
      text += this.#names[i]! + (simple ? `"${field}"` : fieldJson(field));
    }
    return text + this.#end;
  }
}

function keyText(field: string, simple: boolean): string {
  if (!simple && SPECIAL.test(field)) return jsonInner(keyPart(fieldValue(field)));
  return `/\\"${field.includes('/') ? field.replaceAll('/', '//') : field}\\"`;
}

function fieldJson(field: string): string {
  if (field === '\\N') return 'null';
  return SPECIAL.test(field) ? JSON.stringify(fieldValue(field)) : `"${field}"`;
}

/** The values of a line, of a row that has columns. */
export function fieldsOf(line: string): (string | null)[] {
  return line.split('\t').map(fieldValue);
}

/** The value that a field of COPY's text format stands for. */
function fieldValue(field: string): string | null {
  if (field === '\\N') return null;
  if (!field.includes('\\')) return field;
  return field.replace(/\\(.)/gs, (_, letter: string) => ESCAPES[letter] ?? letter);
}

function jsonInner(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Splits a stream of bytes into whole lines; in COPY's text format a line feed ends a row and nothing else. */
export async function* linesOf(source: AsyncIterable<Buffer>): AsyncGenerator<readonly string[]> {
  let rest: Buffer[] = [];
  for await (const bytes of source) {
    const end = bytes.lastIndexOf(0x0a);
    if (end < 0) {
      rest.push(bytes);
      continue;
    }
    const text = Buffer.concat([...rest, bytes.subarray(0, end)]).toString('utf8');
    rest = [bytes.subarray(end + 1)];
    yield text.split('\n');
  }
}
