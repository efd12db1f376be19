import { INCIDENT_TYPE_NAMES } from '@halo/shapes/taxonomy/incident-type-names.ts';
import type { ApiError } from '../session/api-error.ts';
import { english } from './english.ts';
import type { Texts } from './english.ts';
import { language } from './language.ts';
import { swedish } from './swedish.ts';

/** Words in the language of this visit. */
export const t: Texts = language === 'sv' ? swedish : english;

/** What an error means to an operator; the server's own words where its code is not known here. */
export function errorText({ code, message }: Pick<ApiError, 'code' | 'message'>): string {
  const known: Readonly<Record<string, string>> = t.errors;
  return known[code] ?? (message === '' ? t.unknownError(code) : message);
}

/** A word for a value out of a list; the value itself where this version does not know it yet. */
export function wordFor(words: Readonly<Record<string, string>>, value: string): string {
  return words[value] ?? value.replaceAll('_', ' ');
}

/** A type of incidents by its name. */
export function typeName(type: string): string {
  const names: Readonly<Record<string, { readonly en: string; readonly sv: string }>> = INCIDENT_TYPE_NAMES;
  return names[type]?.[language] ?? type;
}
