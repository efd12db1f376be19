import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';

/** How people put things: of each thing several words, in two languages. A report of an event draws anew. */
interface Wording {
  readonly sv: readonly (readonly string[])[];
  readonly en: readonly (readonly string[])[];
  /** What an event was about, in both languages; it stays the same in all its reports. */
  readonly objects: readonly { readonly sv: readonly string[]; readonly en: readonly string[] }[];
}

export const WORDINGS: Readonly<Partial<Record<IncidentType, Wording>>> = {
  theft: {
    sv: [
      ['Någon har stulit', 'Stöld av', 'De tog', 'Jag såg någon ta'],
      ['OBJECT'],
      ['utanför affären', 'vid porten', 'på torget', 'i cykelstället', ''],
    ],
    en: [
      ['Somebody stole', 'Theft of', 'They took', 'I saw someone take'],
      ['OBJECT'],
      ['outside the shop', 'by the door', 'on the square', ''],
    ],
    objects: [
      { sv: ['en röd cykel', 'en cykel, röd'], en: ['a red bicycle', 'a bike (red)'] },
      { sv: ['en svart väska', 'hennes väska'], en: ['a black bag', 'her handbag'] },
      { sv: ['en mobiltelefon', 'min mobil'], en: ['a mobile phone', 'my phone'] },
      { sv: ['en elsparkcykel', 'elscooter'], en: ['an electric scooter', 'e-scooter'] },
      { sv: ['verktyg ur en skåpbil', 'verktygslåda'], en: ['tools from a van', 'toolbox'] },
    ],
  },
  fire: {
    sv: [
      ['Det brinner i', 'Brand i', 'Rök kommer från', 'Eld i'],
      ['OBJECT'],
      ['stora lågor', 'mycket rök', 'räddningstjänsten är på väg', ''],
    ],
    en: [['Fire in', 'There is smoke from', 'Burning:'], ['OBJECT'], ['big flames', 'thick smoke', '']],
    objects: [
      { sv: ['en container', 'containern'], en: ['a container', 'a skip'] },
      { sv: ['en parkerad bil', 'bilen'], en: ['a parked car', 'the car'] },
      { sv: ['ett soprum', 'soprummet'], en: ['a bin room', 'rubbish room'] },
      { sv: ['en lägenhet på tredje våningen', 'lägenhet'], en: ['a flat on the third floor', 'a flat'] },
    ],
  },
  traffic_accident: {
    sv: [
      ['Trafikolycka mellan', 'Krock,', 'Det har smällt mellan'],
      ['OBJECT'],
      ['en person skadad', 'ett körfält avstängt', 'köer', ''],
    ],
    en: [
      ['Crash between', 'Accident:', 'Collision of'],
      ['OBJECT'],
      ['one hurt', 'lane closed', 'queues', ''],
    ],
    objects: [
      { sv: ['två personbilar', 'två bilar'], en: ['two cars', 'two passenger cars'] },
      { sv: ['en lastbil och en bil', 'lastbil mot personbil'], en: ['a truck and a car', 'lorry and car'] },
      { sv: ['en buss och en cyklist', 'buss, cyklist'], en: ['a bus and a cyclist', 'bus, bike'] },
      { sv: ['en motorcykel och ett räcke', 'mc i räcket'], en: ['a motorcycle and a rail', 'motorbike'] },
    ],
  },
  disorder: {
    sv: [
      ['Bråk', 'Stökigt', 'Ett gäng skriker', 'Slagsmål på gång'],
      ['OBJECT'],
      ['många åskådare', 'de är berusade', ''],
    ],
    en: [['A row', 'People shouting', 'Trouble'], ['OBJECT'], ['many onlookers', 'they are drunk', '']],
    objects: [
      { sv: ['vid busshållplatsen', 'på hållplatsen'], en: ['at the bus stop', 'bus stop'] },
      { sv: ['utanför restaurangen', 'vid krogen'], en: ['outside the restaurant', 'by the pub'] },
      { sv: ['i parken', 'parken'], en: ['in the park', 'park'] },
    ],
  },
  vandalism: {
    sv: [['Skadegörelse:', 'Någon har slagit sönder', 'Sönderslaget:'], ['OBJECT'], ['glas överallt', '']],
    en: [['Vandalism:', 'Somebody smashed', 'Broken:'], ['OBJECT'], ['glass everywhere', '']],
    objects: [
      { sv: ['en busskur', 'busskuren'], en: ['a bus shelter', 'the shelter'] },
      { sv: ['ett skyltfönster', 'fönstret'], en: ['a shop window', 'the window'] },
      { sv: ['bilspeglar längs gatan', 'speglar'], en: ['car mirrors along the street', 'mirrors'] },
    ],
  },
};
