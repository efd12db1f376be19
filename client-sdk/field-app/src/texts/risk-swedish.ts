import type { RiskTexts, WindowPart } from './risk-english.ts';

const part =
  (today: string, name: string): WindowPart =>
  (daysAhead, weekday) =>
    daysAhead <= 0 ? today : `${daysAhead === 1 ? 'i morgon' : weekday} ${name}`;

/** The same words in Swedish. */
export const riskSv: RiskTexts = {
  windows: {
    parts: [
      (daysAhead, weekday) => (daysAhead <= 0 ? 'i natt' : `natten till ${weekday}`),
      part('i förmiddag', 'förmiddag'),
      part('i eftermiddag', 'eftermiddag'),
      part('i kväll', 'kväll'),
    ],
  },
  layer: 'Prognos',
  show: 'Visa prognos',
  hide: 'Dölj prognosen',
  title: 'Prognosen',
  window: 'Sex timmar',
  legend: 'Jämfört med länets genomsnitt',
  computed: (ago) => `Beräknad ${ago}`,
  stale: (ago) => `Gammal: beräknad ${ago}, och inget nyare har kommit. Lita inte på den.`,
  waiting: 'Länets prognos kommer vid nästa kontakt med servern.',
  over: 'Prognosen på enheten har gått ut. En ny kommer vid nästa kontakt med servern.',
  none: 'Det finns ingen prognos för länet: för lite är känt om det.',
  list: 'Högst först',
  listTitle: (window) => `Högst: ${window}`,
  areasOnly: 'Bara känt per kommun: en cirkel står för hela kommunen.',
  cell: 'En plats på ungefär 0,1 km²',
  cellNear: (name) => `En plats nära ${name}`,
  expected: 'Väntat',
  between: (lower, upper) => `Prognosen är själv osäker: i genomsnitt kanske mellan ${lower} och ${upper}.`,
  oneIn: (windows) => `Ungefär en händelse på ${windows} sådana perioder.`,
  incidents: (amount) => `${amount} händelser i genomsnitt under de sex timmarna`,
  rank: 'Rang',
  rankOf: (rank, kind) => `${rank} av länets ${kind === 'cell' ? 'platser' : 'kommuner'} under de timmarna`,
  band: 'Nivå',
  reasons: 'Varför',
  noReasons: 'Inget särskilt: det är ungefär som det brukar vara här.',
  factor: (factor) => `× ${factor}`,
  who: 'Vem säger det',
  baseline: 'Jämförelsemåttet: antalet de senaste 365 dagarna, fördelat över veckan.',
  trained: 'En tränad modell, som var bättre än jämförelsemåttet i sitt test.',
  pinned: 'En tränad modell som en operatör har valt.',
  unknownModel: 'Enheten vet inte än om det är en tränad modell eller jämförelsemåttet.',
  modelNumber: (id) => `Modell ${id}`,
  known: (at) => `Efter det som var känt ${at}.`,
  gone: 'Det finns ingen prognos för platsen under de timmarna längre.',
  quality: 'Hur bra är det här?',
  notice: (name) => `Prognos vid ${name}`,
  noticeBody: (band, until) => `${band}, jämfört med länets genomsnitt. Till ${until}.`,
};
