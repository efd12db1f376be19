/** The name of a window, by how many days ahead it begins; `weekday` is its day's. */
export type WindowPart = (daysAhead: number, weekday: string) => string;

/** Words of a day's four windows. */
export interface WindowTexts {
  /** From midnight, from six, from noon, from six in the evening. */
  readonly parts: readonly [WindowPart, WindowPart, WindowPart, WindowPart];
}

const part =
  (today: string, name: string): WindowPart =>
  (daysAhead, weekday) =>
    daysAhead <= 0 ? today : `${daysAhead === 1 ? 'tomorrow' : weekday} ${name}`;

const windowsEn: WindowTexts = {
  parts: [
    (daysAhead, weekday) => (daysAhead <= 0 ? 'this night' : `night to ${weekday}`),
    part('this morning', 'morning'),
    part('this afternoon', 'afternoon'),
    part('tonight', 'evening'),
  ],
};

/** Words of what is forecast, on the map and in notices. */
export const riskEn = {
  windows: windowsEn,
  layer: 'Forecast',
  show: 'Show what is forecast',
  hide: 'Hide what is forecast',
  title: 'What is forecast',
  window: 'Six hours',
  legend: 'Beside the average of the county',
  computed: (ago: string) => `Computed ${ago}`,
  stale: (ago: string) => `Old: computed ${ago}, and nothing newer has come. Do not rely on it.`,
  waiting: 'The forecast of this county comes with the next contact with the server.',
  over: 'The forecast on this device has run out. A new one comes with the next contact with the server.',
  none: 'Nothing is forecast in this county: too little is known of it.',
  list: 'Highest first',
  listTitle: (window: string) => `Highest: ${window}`,
  areasOnly: 'Known only by municipality: a circle stands for all of it.',
  cell: 'A spot of about 0.1 km²',
  cellNear: (name: string) => `A spot near ${name}`,
  expected: 'Expected',
  // No promise of how often: where little is expected the intervals are narrower than they are meant to be.
  between: (lower: string, upper: string) =>
    `The forecast itself is uncertain: on average perhaps between ${lower} and ${upper}.`,
  oneIn: (windows: string) => `About one incident in ${windows} such periods.`,
  incidents: (amount: string) => `${amount} incidents on average in these six hours`,
  rank: 'Rank',
  rankOf: (rank: string, kind: 'cell' | 'area') =>
    `${rank} of the county’s ${kind === 'cell' ? 'spots' : 'municipalities'} in these hours`,
  band: 'Level',
  reasons: 'Why',
  noReasons: 'Nothing in particular: it is about what is usual here.',
  factor: (factor: string) => `× ${factor}`,
  who: 'Who says so',
  baseline: 'The baseline: the count of the last 365 days, spread over the week.',
  trained: 'A trained model, which proved better than the baseline in its test.',
  pinned: 'A trained model that an operator has chosen.',
  unknownModel: 'This device does not know yet whether that is a trained model or the baseline.',
  modelNumber: (id: string) => `Model ${id}`,
  known: (at: string) => `From what was known ${at}.`,
  gone: 'There is no forecast of this place in these hours any more.',
  quality: 'How good is this?',
  notice: (name: string) => `Forecast at ${name}`,
  noticeBody: (band: string, until: string) => `${band}, beside the average of the county. Until ${until}.`,
};

/** What a dictionary must have of them. */
export type RiskTexts = typeof riskEn;
