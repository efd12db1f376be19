export type Language = 'en' | 'sv';

/** The language of this visit: Swedish for those whose browser speaks it, else English. */
export const language: Language =
  // Tests of pure parts run where there is no browser.
  typeof navigator !== 'undefined' && navigator.language.toLowerCase().startsWith('sv') ? 'sv' : 'en';

/** For `Intl`: the region matters for clocks and decimal signs. */
export const locale = language === 'sv' ? 'sv-SE' : 'en-GB';
