import { describe, expect, it } from 'vitest';
import { classify } from './kinds.ts';
import { POLISEN_TYPES } from './taxonomy.ts';

describe('classify', () => {
  it('knows 96 types', () => {
    expect(Object.keys(POLISEN_TYPES)).toHaveLength(96);
    for (const rawType of Object.keys(POLISEN_TYPES)) expect(classify(rawType).known).toBe(true);
  });

  it('looks at whole words: "från" contains no "rån"', () => {
    expect(classify('Trafikolycka, smitning från')).toMatchObject({ type: 'traffic_accident', known: true });
    expect(classify('Smitning från')).toMatchObject({ type: 'other', known: false });
    expect(classify('Rånskydd')).toMatchObject({ type: 'other', known: false });
    expect(classify('Rån')).toMatchObject({ type: 'robbery', known: true });
  });

  it('does not mind case and blanks', () => {
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

  it('takes a new variety of a known type as that type, and says that it is unknown', () => {
    expect(classify('Rån, grovt')).toMatchObject({ kind: 'incident', type: 'robbery', known: false });
    expect(classify('Dimma')).toEqual({ kind: 'incident', type: 'other', severity: 2, known: false });
  });
});
