import { INCIDENT_TYPE_NAMES } from '@halo/shapes/taxonomy/incident-type-names.ts';
import { INCIDENT_TYPES } from '@halo/shapes/taxonomy/incident-type.ts';
import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';
import { DICTIONARY } from './dictionary.ts';
import type { Language } from './dictionary.ts';
import type { Texts } from './english.ts';

/** Swedish for those whose browser speaks it, else English. */
function languageOf(preferred: string): Language {
  return preferred.toLowerCase().split('-')[0] === 'sv' ? 'sv' : 'en';
}

/** The language of this visit; it does not change while the app is open. */
export const language: Language = languageOf(
  // Tests of pure parts run where there is no browser.
  typeof navigator === 'undefined' ? 'en' : navigator.language,
);
/** Words in that language. */
export const t: Texts = DICTIONARY[language];
/** For `Intl`: the region matters for clocks and decimal signs. */
export const locale = language === 'sv' ? 'sv-SE' : 'en-GB';

/** A type's name; a type that this version does not know yet shows as it is. */
export function typeName(type: string): string {
  return type in INCIDENT_TYPE_NAMES ? INCIDENT_TYPE_NAMES[type as IncidentType][language] : type;
}

/** Types with their names, in the order of the alphabet, "other" last. */
export function sortedTypes(): readonly { readonly type: IncidentType; readonly name: string }[] {
  const named = INCIDENT_TYPES.map((type) => ({ type, name: typeName(type) }));
  const last = (type: string) => (type === 'other' ? 1 : 0);
  return named.toSorted((a, b) => last(a.type) - last(b.type) || a.name.localeCompare(b.name, locale));
}

/** Name of a severity 1–5. */
export function severityName(severity: number): string {
  return t.severities[severity - 1] ?? String(severity);
}

type ErrorCode = Exclude<keyof Texts['errors'], 'unknown'>;

/** What an error's code means to a person; `fallback` (the server's own words) where the code is unknown. */
export function errorText(code: string, fallback?: string): string {
  if (code !== 'unknown' && code in t.errors) return t.errors[code as ErrorCode];
  return fallback === undefined || fallback === '' ? t.errors.unknown(code) : fallback;
}
