/** What a forecast's reasons are about, in words: of those that raise the expected count, and of those that lower it. */
export const REASON_WORDS = {
  recent: {
    raises: { en: 'More happened here lately', sv: 'Mer har hänt här på sistone' },
    lowers: { en: 'Little happened here lately', sv: 'Lite har hänt här på sistone' },
  },
  history: {
    raises: { en: 'Much happened here in past years', sv: 'Mycket har hänt här tidigare år' },
    lowers: { en: 'Little happened here in past years', sv: 'Lite har hänt här tidigare år' },
  },
  hours: {
    raises: { en: 'More usually happens in these hours', sv: 'Mer brukar hända under de här timmarna' },
    lowers: { en: 'Less usually happens in these hours', sv: 'Mindre brukar hända under de här timmarna' },
  },
  neighbours: {
    raises: { en: 'Much happened close by', sv: 'Mycket har hänt i närheten' },
    lowers: { en: 'Little happened close by', sv: 'Lite har hänt i närheten' },
  },
  other_types: {
    raises: { en: 'Much of other kinds happened here', sv: 'Mycket av annat slag har hänt här' },
    lowers: { en: 'Little of other kinds happened here', sv: 'Lite av annat slag har hänt här' },
  },
  calendar: {
    raises: {
      en: 'The season, day or trend speaks for more',
      sv: 'Årstiden, dagen eller trenden talar för mer',
    },
    lowers: {
      en: 'The season, day or trend speaks for less',
      sv: 'Årstiden, dagen eller trenden talar för mindre',
    },
  },
} as const;

export type ReasonCode = keyof typeof REASON_WORDS;

const UNKNOWN = {
  raises: { en: 'Something else speaks for more', sv: 'Något annat talar för mer' },
  lowers: { en: 'Something else speaks for less', sv: 'Något annat talar för mindre' },
} as const;

/** A reason in words; a code that this version does not know is said to be something else. */
export function reasonWords(code: string, factor: number): { readonly en: string; readonly sv: string } {
  const words = Object.hasOwn(REASON_WORDS, code) ? REASON_WORDS[code as ReasonCode] : UNKNOWN;
  return factor >= 1 ? words.raises : words.lowers;
}
