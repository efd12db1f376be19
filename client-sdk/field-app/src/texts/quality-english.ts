/** Words of the page that tells how good the forecasts are. */
export const qualityEn = {
  title: 'How good is this?',
  lead: 'A forecast says how many incidents are to be expected at a place in six hours. Each night a model is trained and tested on weeks that it has not seen. It speaks where it has beaten the plain count of the last 365 days, the baseline, and other ways of counting, or where an operator has chosen it. Elsewhere the baseline speaks.',
  askedAt: (at: string) => `As the server said it ${at}.`,
  keptFrom: (at: string, ago: string) =>
    `The server cannot be reached. This is what it said ${at} (${ago}); by now it may be otherwise.`,
  offlineNothing: 'There is no network, and this device has not heard yet how good the forecasts are.',
  failedNothing: 'The server did not say how good the forecasts are. Try again in a moment.',
  nothingYet: 'Nothing has been trained or tested yet.',
  kinds: { 'cell-9': 'Spots of about 0.1 km²', municipality: 'Municipalities' },
  categories: {
    all: 'All types together',
    burglary: 'Burglary',
    theft: 'Theft',
    vehicle_theft: 'Vehicle theft',
    violence: 'Violence',
    vandalism: 'Vandalism',
    traffic: 'Traffic',
    fire: 'Fire',
  },
  others: (n: number) => `By type (${n})`,
  verdicts: {
    model: 'A trained model speaks: it beat the baseline in the test by which it was chosen.',
    pinned: 'A trained model speaks because an operator has chosen it.',
    baseline_kept: 'The baseline speaks: the trained model has not beaten it.',
    other_better:
      'The baseline speaks: the trained model’s counts were better, but it did not win every comparison that it must win.',
    baseline_chosen: 'The baseline speaks because an operator has chosen it.',
    unusable: 'The baseline speaks because the file of the trained model that spoke before cannot be used.',
    failed: 'The baseline speaks: the last training of a model failed.',
    untested: 'The baseline speaks: no model has been tested here.',
  },
  testOf: {
    since: (at: string) => `How the model in use fared when the newest one was tested, ${at}`,
    own: (at: string) => `The test by which it was judged, ${at}`,
    unused: (at: string) => `The test of the newest model, ${at}`,
  },
  noTest: 'There is no test of it, so nobody can say how good it is.',
  tested: ({ weeks, from, to, incidents, places }: TestFacts) =>
    `Tested on ${weeks} weeks (${from} to ${to}), with ${incidents} incidents at ${places} places. In brackets: 95 % intervals.`,
  measure: 'Measure',
  ofModel: 'Model',
  ofUnused: 'Trained model, not in use',
  ofBaseline: 'Baseline',
  found: (percent: string) => `Of what happened, in the ${percent} % of the places put highest`,
  measures: {
    deviance: 'Error of the expected counts (Poisson deviance; less is better)',
    brier: 'Error of “something happens here” (Brier; less is better)',
  },
  better: {
    model: 'The model is surely better.',
    baseline: 'The baseline is surely better.',
    unsure: 'No sure difference.',
  },
  range: (lower: string, upper: string) => `(${lower} to ${upper})`,
  rivals: {
    'decayed-count': 'a count that forgets',
    'space-time-kde': 'a density in space and time',
    champion: 'the model before',
  },
  alsoCompared: (list: string) => `Also compared with, by Poisson deviance: ${list}.`,
  latest: (at: string) => `The newest model, of ${at}, is not in use.`,
  passed: 'It had passed its test:',
  unusableSince: (at: string) => `Its file cannot be used, as was found ${at}.`,
  decided: (at: string) => `Decided ${at}.`,
  ethicsTitle: 'What it learns from, and what it must not be used for',
  ethics: [
    'It learns from incidents that people, official sources and sensors have reported, and from nothing else: no names, no traits of people, no addresses of persons.',
    'Types that patrols find by looking are left out: drugs, weapons, traffic offences, disorder and found property. More patrols would find more of them, and the forecast would send more patrols.',
    'That risk of feedback does not end there. Where more people look, more of other kinds is reported, too, and a place that is seldom reported seems quiet. A forecast is about reports, not about all that happens.',
    'What has been dismissed or merged does not count, and nothing counts before the server knew of it.',
    'It says something about places and hours, and nothing about anybody who is there. It is no ground for suspecting, stopping or searching anyone.',
    '“High” compares with the average of the county. Look at the expected count, too: it may be far less than one incident in six hours.',
  ] as readonly string[],
};

/** What a test was made on, in words. */
export interface TestFacts {
  readonly weeks: string;
  readonly from: string;
  readonly to: string;
  readonly incidents: string;
  readonly places: string;
}

/** What a dictionary must have of them. */
export type QualityTexts = typeof qualityEn;
