/** Longest text that leaves the house, in UTF-16 units. */
const MAX_LENGTH = 300;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What is taken out, and what stands in its place; in this order. */
const RULES: readonly (readonly [RegExp, string])[] = [
  // Values in messages of Postgres: (column)=(value); and JSON, or lists of values.
  [/=\([^)]*\)/g, '=([value])'],
  [/[{[][^}\]]{20,}[}\]]/g, '[values]'],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, '$1[credentials]@'],
  [/\?[^\s"'<>]+/g, '?[query]'],
  [/(?<!\[credentials\])(?<![^\s"'()<>,;:=])[^\s@"'()<>,;:=[\]]+@[^\s@"'()<>,;:=]+/g, '[e-mail]'],
  [/\b(bearer|basic)\s+[^\s,;]+/gi, '$1 [secret]'],
  [/\b(token|secret|password|authorization)(\s*[:=]\s*)(?!bearer|basic)[^\s,;]+/gi, '$1$2[secret]'],
];

/**
 * A text without what may be somebody's business: addresses of people, positions, tokens and keys, the queries and
 * passwords of addresses, and values that Postgres quotes. Better too much than too little; pure. What stays is enough to
 * find the fault's kind, and the request's id leads to the line in the log.
 */
export function scrubText(text: string): string {
  let scrubbed = text.slice(0, 10 * MAX_LENGTH);
  for (const [found, instead] of RULES) scrubbed = scrubbed.replaceAll(found, instead);
  scrubbed = scrubbed
    .replaceAll(/[\w.~+/-]{20,}={0,2}/g, (found) => (isHarmless(found) ? found : '[secret]'))
    .replaceAll(/-?\d{1,3}\.\d{2,}/g, '[number]');
  return scrubbed.length > MAX_LENGTH ? `${scrubbed.slice(0, MAX_LENGTH)}…` : scrubbed;
}

/** Ids and words are long, too. */
function isHarmless(found: string): boolean {
  return UUID.test(found) || /^[a-z_]+$/i.test(found);
}
