/** A name as it stands in a request, read by Postgres's rules: folded to lower case unless it is quoted. */
export type NameVerdict =
  { readonly ok: true; readonly name: string } | { readonly ok: false; readonly message: string };

const UNQUOTED = /^[\p{L}_][\p{L}\p{N}_$]*$/u;

/** A table's name, `public` where it names no schema. */
export type TableNameVerdict =
  | { readonly ok: true; readonly schema: string; readonly table: string }
  | { readonly ok: false; readonly message: string };

export function readTableName(text: string): TableNameVerdict {
  const parts = splitOutsideQuotes(text, '.');
  if (parts.length > 2) {
    return { ok: false, message: `Invalid relation identifier, too many delimiters: ${text}` };
  }
  const names = parts.map(readName);
  const wrong = names.find((name) => !name.ok);
  if (wrong !== undefined) return wrong;
  const [first, second] = names.map((name) => (name.ok ? name.name : ''));
  return second === undefined
    ? { ok: true, schema: 'public', table: first! }
    : { ok: true, schema: first!, table: second };
}

/** Names of columns, separated by commas. */
export function readColumnNames(text: string): readonly string[] | { readonly message: string } {
  const names: string[] = [];
  for (const part of splitOutsideQuotes(text, ',')) {
    const name = readName(part);
    if (!name.ok) return { message: name.message };
    names.push(name.name);
  }
  return names;
}

function readName(text: string): NameVerdict {
  if (text === '' || text === '""') return { ok: false, message: 'Invalid zero-length delimited identifier' };
  if (/^"(?:[^"]|"")+"$/s.test(text)) return { ok: true, name: text.slice(1, -1).replaceAll('""', '"') };
  if (UNQUOTED.test(text)) return { ok: true, name: text.toLowerCase() };
  return { ok: false, message: `Invalid unquoted identifier contains special characters: ${text}` };
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [''];
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    if (character === separator && !quoted) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}
