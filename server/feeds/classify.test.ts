import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { INCIDENT_TYPES } from '@halo/shapes/taxonomy/incident-type.ts';
import { CATEGORIES } from '../predictions/categories.ts';
import { classify } from './classify.ts';
import { readNdjson } from '../../tests/support/ndjson.ts';
import { hasSharedData, sharedPath } from '../../tests/support/shared-data.ts';
import { RAW_TYPES } from './taxonomy.ts';

const LEARNT_FROM = new Set(CATEGORIES.all);

describe('classify', () => {
  it('finds every entry of the table by itself, so that no two are one', () => {
    for (const [rawType, [kind, type, severity]] of Object.entries(RAW_TYPES))
      expect(classify(rawType)).toEqual({ kind, type, severity, known: true });
  });

  it('knows the types of the taxonomy by their own names', () => {
    for (const type of INCIDENT_TYPES)
      expect(classify(type)).toMatchObject({ kind: 'incident', type, known: true });
  });

  it('looks at whole words: "från" contains no "rån"', () => {
    expect(classify('Trafikolycka, smitning från')).toMatchObject({ type: 'traffic_accident', known: true });
    expect(classify('Smitning från')).toMatchObject({ type: 'other', known: false });
    expect(classify('Rånskydd')).toMatchObject({ type: 'other', known: false });
    expect(classify('Rån')).toMatchObject({ type: 'robbery', known: true });
  });

  it.each(['Hotell', 'Hotellrån', 'nonassault', 'Non-aggravated assault', 'Drugstore', '', '—'])(
    'makes no more of %j than other',
    (rawType) => {
      expect(classify(rawType)).toEqual({ kind: 'incident', type: 'other', severity: 2, known: false });
    },
  );

  it('does not mind case, blanks and what stands between words', () => {
    expect(classify('VEHICLE_THEFT')).toEqual(classify('Vehicle theft'));
    expect(classify('simple-assault ')).toMatchObject({ type: 'assault', known: true });
    expect(classify('Lagen om hundar och katter ')).toMatchObject({ type: 'animal', known: true });
    expect(classify('larm\u00a0ÖVERFALL')).toMatchObject({ type: 'alarm', known: true });
  });

  it.each(['Sammanfattning natt', 'Sammanfattning kväll och natt', 'Sammanfattning helg'])(
    'takes %s as a summary',
    (rawType) => {
      expect(classify(rawType).kind).toBe('summary');
    },
  );

  it.each(['Trafikkontroll', 'Information', 'Uppdatering', 'Övrigt', 'Polisinsats/kommendering'])(
    'takes %s as no event',
    (rawType) => {
      expect(classify(rawType).kind).toBe('notice');
    },
  );

  // Rows of registers are incidents whatever they are called, so it is the type that tells there.
  it.each([
    'Utlänningslagen',
    'Kontroll person/fordon',
    'Narkotikabrott',
    'Vapenlagen',
    'Ordningslagen',
    'Rattfylleri',
    'Anträffat gods',
    'prostitution',
    'gambling',
    'liquor',
    'vagrancy',
  ])('takes %s, which is found by control, as nothing that forecasts learn from', (rawType) => {
    const { kind, type } = classify(rawType);
    expect(kind === 'notice' || !LEARNT_FROM.has(type)).toBe(true);
  });

  it('takes a new variety of a known type as that type, and says that it is unknown', () => {
    expect(classify('Rån, grovt')).toMatchObject({ kind: 'incident', type: 'robbery', known: false });
    expect(classify('Dimma')).toEqual({ kind: 'incident', type: 'other', severity: 2, known: false });
  });
});

describe.skipIf(!hasSharedData('data'))('the table', () => {
  it('has every type of the archive of the police feed', () => {
    const archive = (file: string) => sharedPath('data', 'polisen', file);
    const types = new Set<string>();
    for (const { type } of readNdjson<{ type: string }>(archive('events-until-2026-03.ndjson.gz')))
      types.add(type);
    for (const { changed } of readNdjson<{ changed: { type?: string[] } }>(archive('edits.ndjson.gz')))
      for (const type of changed.type ?? []) types.add(type);
    for (const { event } of readNdjson<{ event: { type: string } }>(archive('removed.ndjson.gz')))
      types.add(event.type);
    expect(types.size).toBe(96);
    expect([...types].filter((type) => type !== type.trim())).toEqual(['Lagen om hundar och katter ']);
    expect([...types].filter((type) => !classify(type).known)).toEqual([]);
  });

  it('has every category of the register of crimes', () => {
    const csv = gunzipSync(readFileSync(sharedPath('data', 'crime', 'crime-stlouis-2015-2019.csv.gz')));
    const [header = '', ...rows] = csv.toString('utf8').trimEnd().split('\n');
    const at = header.split(',').indexOf('category');
    const categories = new Set(rows.map((row) => row.split(',')[at] ?? ''));
    expect(categories.size).toBe(23);
    expect([...categories].filter((category) => !classify(category).known)).toEqual([]);
  });
});
