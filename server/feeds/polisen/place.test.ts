import { describe, expect, it } from 'vitest';
import { createGazetteer } from '../../areas/gazetteer.ts';
import { placeOf } from './place.ts';

const gazetteer = createGazetteer();
const place = (name: string, locationName: string | null) => placeOf(gazetteer, { name, locationName });

describe('placeOf', () => {
  it('takes a municipality that the location names', () => {
    expect(place('02 maj 10.00, Rån, Stockholm', 'Stockholm')).toMatchObject({
      precision: 'municipality',
      region: '01',
      municipality: '0180',
      accuracyM: null,
      areaBasis: 'declared',
    });
  });

  it('takes the municipality from the name where the location says the county', () => {
    expect(place('17 augusti 13.25, Försvunnen person, Åmål', 'Västra Götalands län')).toMatchObject({
      precision: 'municipality',
      region: '14',
      municipality: '1492',
    });
    expect(place('17 augusti 13.25, Mord/dråp, försök, Dals-ed', 'Västra Götalands län')).toMatchObject({
      municipality: '1438',
    });
  });

  it('stays with the county where the name says no more, or a municipality of another county', () => {
    const county = { precision: 'county', region: '18', municipality: null };
    expect(place('02 december 06.43, Sammanfattning natt, Örebro län', 'Örebro län')).toMatchObject(county);
    expect(place('02 december 06.43, Stöld, Malmö', 'Örebro län')).toMatchObject(county);
  });

  it('tells Gotland the municipality from Gotland the county', () => {
    expect(place('02 maj 10.00, Rån, Gotland', 'Gotlands län')).toMatchObject({ municipality: '0980' });
    expect(place('02 maj 10.00, Rån, Gotlands län', 'Gotlands län')).toMatchObject({
      precision: 'county',
      region: '09',
    });
  });

  it('does without a location, and gives up where nothing names an area', () => {
    expect(place('02 maj 10.00, Rån, Upplands väsby', null)).toMatchObject({ municipality: '0114' });
    expect(place('02 maj 10.00, Rån, Kiruna', 'Atlantis')).toBeUndefined();
    expect(place('02 maj 10.00, Rån', null)).toBeUndefined();
  });
});
