import type { QualityTexts } from './quality-english.ts';

/** The same words in Swedish. */
export const qualitySv: QualityTexts = {
  title: 'Hur bra är det här?',
  lead: 'En prognos säger hur många händelser som är att vänta på en plats under sex timmar. Varje natt tränas en modell och testas på veckor som den inte har sett. Den får tala där den har slagit det enkla antalet de senaste 365 dagarna, jämförelsemåttet, och andra sätt att räkna, eller där en operatör har valt den. Annars talar jämförelsemåttet.',
  askedAt: (at) => `Så sade servern ${at}.`,
  keptFrom: (at, ago) => `Servern går inte att nå. Så sade den ${at} (${ago}); nu kan det vara annorlunda.`,
  offlineNothing: 'Det finns inget nät, och enheten har inte hört än hur bra prognoserna är.',
  failedNothing: 'Servern sade inte hur bra prognoserna är. Försök igen om en stund.',
  nothingYet: 'Inget har tränats eller testats än.',
  kinds: { 'cell-9': 'Platser på ungefär 0,1 km²', municipality: 'Kommuner' },
  categories: {
    all: 'Alla slag tillsammans',
    burglary: 'Inbrott',
    theft: 'Stöld',
    vehicle_theft: 'Fordonsstöld',
    violence: 'Våld',
    vandalism: 'Skadegörelse',
    traffic: 'Trafik',
    fire: 'Brand',
  },
  others: (n) => `Efter slag (${n})`,
  verdicts: {
    model: 'En tränad modell talar: den slog jämförelsemåttet i testet som den valdes efter.',
    pinned: 'En tränad modell talar därför att en operatör har valt den.',
    baseline_kept: 'Jämförelsemåttet talar: den tränade modellen har inte slagit det.',
    other_better:
      'Jämförelsemåttet talar: den tränade modellens antal var bättre, men den vann inte alla jämförelser som den måste vinna.',
    baseline_chosen: 'Jämförelsemåttet talar därför att en operatör har valt det.',
    unusable:
      'Jämförelsemåttet talar därför att filen till den tränade modell som talade förut inte går att använda.',
    failed: 'Jämförelsemåttet talar: den senaste träningen av en modell misslyckades.',
    untested: 'Jämförelsemåttet talar: ingen modell har testats här.',
  },
  testOf: {
    since: (at) => `Hur modellen som används klarade sig när den nyaste testades, ${at}`,
    own: (at) => `Testet som den bedömdes efter, ${at}`,
    unused: (at) => `Testet av den nyaste modellen, ${at}`,
  },
  noTest: 'Det finns inget test, så ingen kan säga hur bra det är.',
  tested: ({ weeks, from, to, incidents, places }) =>
    `Testat på ${weeks} veckor (${from} till ${to}), med ${incidents} händelser på ${places} platser. Inom parentes: 95 %-intervall.`,
  measure: 'Mått',
  ofModel: 'Modellen',
  ofUnused: 'Tränad modell, används inte',
  ofBaseline: 'Jämförelsemåttet',
  found: (percent) => `Av det som hände, på de ${percent} % av platserna som sattes högst`,
  measures: {
    deviance: 'Fel i de väntade antalen (Poissondevians; mindre är bättre)',
    brier: 'Fel i ”något händer här” (Brier; mindre är bättre)',
  },
  better: {
    model: 'Modellen är säkert bättre.',
    baseline: 'Jämförelsemåttet är säkert bättre.',
    unsure: 'Ingen säker skillnad.',
  },
  range: (lower, upper) => `(${lower} till ${upper})`,
  rivals: {
    'decayed-count': 'ett antal som glömmer',
    'space-time-kde': 'en täthet i rum och tid',
    champion: 'modellen före',
  },
  alsoCompared: (list) => `Också jämfört med, efter Poissondevians: ${list}.`,
  latest: (at) => `Den nyaste modellen, från ${at}, används inte.`,
  passed: 'Den hade klarat sitt test:',
  unusableSince: (at) => `Filen går inte att använda, som upptäcktes ${at}.`,
  decided: (at) => `Avgjort ${at}.`,
  ethicsTitle: 'Vad den lär av, och vad den inte får användas till',
  ethics: [
    'Den lär av händelser som människor, officiella källor och sensorer har rapporterat, och av inget annat: inga namn, inga egenskaper hos människor, inga adresser till personer.',
    'Slag som patruller hittar genom att leta är utelämnade: narkotika, vapen, trafikbrott, ordningsstörningar och upphittat gods. Fler patruller skulle hitta fler, och prognosen skulle skicka fler patruller.',
    'Risken för återkoppling slutar inte där. Där fler tittar rapporteras också mer av annat, och en plats som sällan rapporteras verkar lugn. En prognos handlar om rapporter, inte om allt som händer.',
    'Det som har avfärdats eller slagits ihop räknas inte, och inget räknas innan servern kände till det.',
    'Den säger något om platser och timmar, och ingenting om någon som är där. Den är ingen grund för att misstänka, stoppa eller visitera någon.',
    '”Hög” jämför med länets genomsnitt. Se också på det väntade antalet: det kan vara långt mindre än en händelse på sex timmar.',
  ],
};
