import { en } from './english.ts';
import type { Texts } from './english.ts';
import { sv } from './swedish.ts';

export type Language = 'sv' | 'en';

/** The dictionary of a language. */
export const DICTIONARY: Readonly<Record<Language, Texts>> = { en, sv };
