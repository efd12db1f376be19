import { expect, it } from 'vitest';
import { seededRandom } from '../../platform/seeded-random.ts';
import { spreadOver } from './place-kernel.ts';

const METRES_A_DEGREE = 111_195;

it('gives each place the others’ values by a Gaussian of the distance, up to three bandwidths', () => {
  const random = seededRandom(3);
  const places = Array.from({ length: 60 }, (_, n) => ({
    id: String(n),
    lat: 59.3 + random() * 0.05,
    lon: 18 + random() * 0.1,
    region: '01',
  }));
  const values = Float64Array.from(places, () => Math.floor(random() * 5));
  for (const bandwidthM of [300, 900]) {
    const expected = places.map((place) =>
      places.reduce((sum, other, index) => {
        const north = (other.lat - place.lat) * METRES_A_DEGREE;
        const east = (other.lon - place.lon) * METRES_A_DEGREE * Math.cos((place.lat * Math.PI) / 180);
        const metres = Math.hypot(north, east);
        if (metres > 3 * bandwidthM) return sum;
        return sum + values[index]! * Math.exp(-(metres ** 2) / (2 * bandwidthM ** 2));
      }, 0),
    );
    const spread = spreadOver(places, values, bandwidthM);
    spread.forEach((value, place) => expect(value).toBeCloseTo(expected[place]!, 9));
    // Asked for again, as a test does for each of its weeks; and where there are more pairs than are kept.
    expect(spreadOver(places, values, bandwidthM)).toEqual(spread);
    expect(spreadOver([...places], values, bandwidthM, 10)).toEqual(spread);
  }
});
