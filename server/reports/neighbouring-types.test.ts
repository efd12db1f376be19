import { INCIDENT_TYPES } from '@halo/shapes/taxonomy/incident-type.ts';
import { expect, it } from 'vitest';
import { allCompatible, compatible, compatibleTypes, typeBit } from './neighbouring-types.ts';

it('is a relation of both, and of each type with itself', () => {
  for (const a of INCIDENT_TYPES) {
    expect(compatible(a, a)).toBe(true);
    for (const b of INCIDENT_TYPES) expect(compatible(a, b)).toBe(compatible(b, a));
  }
});

it('tells sets in which two exclude each other', () => {
  const bits = (...types: (typeof INCIDENT_TYPES)[number][]) =>
    types.reduce((set, type) => set | typeBit(type), 0);
  expect(allCompatible(bits('theft', 'robbery'), bits('theft', 'robbery'))).toBe(true);
  expect(allCompatible(bits('theft', 'robbery', 'assault'), bits('theft', 'robbery', 'assault'))).toBe(false);
  expect(allCompatible(bits('other'), bits('theft'))).toBe(false);
});

it('lets no type be that of everything', () => {
  for (const type of INCIDENT_TYPES)
    expect(compatibleTypes(type).length).toBeLessThan(INCIDENT_TYPES.length / 3);
});
