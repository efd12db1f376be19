/** Characters that are written and mean nothing: soft hyphens, and joiners and spaces without a width. */
const INVISIBLE = /[\u00ad\u200b-\u200d\u2060]/gu;

/**
 * The form in which names of areas are compared: "Upplands väsby" is "Upplands Väsby", "DALS‑ED" is "Dals-Ed". Folds case,
 * blanks (no-break ones too), dashes and decomposed letters, and nothing else: å, ä and ö are letters of their own, and
 * Habo is not Håbo. No locale changes the case: under a Turkish one I would not become i.
 */
export function foldName(name: string): string {
  return name
    .normalize('NFC')
    .replace(INVISIBLE, '')
    .replace(/\p{Dash_Punctuation}/gu, '-')
    .replace(/\s+/gu, ' ')
    .trim()
    .toLowerCase();
}

/** As `foldName`. "Stockholms län", "STOCKHOLMS" and "Stockholm" are one county; no county's own name ends in s. */
export function foldCountyName(name: string): string {
  return foldName(name).replace(/ län$/u, '').replace(/s$/u, '');
}

/** A name for people to read. One that is wholly in capitals, as some registers have them, gets initial ones. */
export function displayName(name: string): string {
  const plain = name.normalize('NFC').replace(INVISIBLE, '').replace(/\s+/gu, ' ').trim();
  if (!/\p{Lu}{2}/u.test(plain) || /\p{Ll}/u.test(plain)) return plain;
  return plain.toLowerCase().replace(/(?<![\p{L}\p{M}'’])\p{L}/gu, (letter) => letter.toUpperCase());
}
