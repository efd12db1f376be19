import type { ReportCreateInput } from '@halo/shapes/mutations/report-create.ts';
import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';

/** A real-world event of the simulated city; several people may report it. */
export interface Scene {
  readonly type: IncidentType;
  readonly severity: number;
  readonly description: string;
  readonly lat: number;
  readonly lon: number;
}

/** The simulated city: events around its centre, and how people report them. */
export interface City {
  /** County code that the city lies in. */
  readonly region: string;
  nextScene(): Scene;
  /** What somebody near the scene would report: a GPS fix some metres off. */
  report(scene: Scene, occurredAt: Date): ReportCreateInput;
}

/** Its centre, WGS84 degrees. */
export const CITY_CENTRE = { lat: 59.3326, lon: 18.0649 };
const RADIUS_M = 2_500;
const METRES_PER_DEGREE = 111_320;
/** Standard deviation of a phone's fix, in metres. */
const GPS_SIGMA_M = 12;

const SCENES: readonly Pick<Scene, 'type' | 'severity' | 'description'>[] = [
  { type: 'traffic_accident', severity: 3, description: 'Two cars have collided, one lane is blocked' },
  { type: 'theft', severity: 2, description: 'A bicycle was taken from the rack' },
  { type: 'burglary', severity: 3, description: 'A shop window is broken and the door stands open' },
  { type: 'fire', severity: 4, description: 'Smoke from a bin shelter' },
  { type: 'vandalism', severity: 1, description: 'The bus shelter was smashed' },
  { type: 'disorder', severity: 2, description: 'A loud quarrel in the square' },
];

/** Makes a city; the same `random` makes the same one. */
export function createCity(random: () => number): City {
  let count = 0;
  return {
    region: '01',
    nextScene() {
      const kind = SCENES[count++ % SCENES.length]!;
      const distance = RADIUS_M * Math.sqrt(random());
      return { ...kind, ...moved(CITY_CENTRE, distance, 2 * Math.PI * random()) };
    },
    report(scene, occurredAt) {
      const { type, severity, description } = scene;
      const fix = moved(scene, Math.abs(gaussian(random)) * GPS_SIGMA_M, 2 * Math.PI * random());
      const occurred = occurredAt.toISOString();
      return {
        type,
        severity,
        description,
        occurredAt: occurred,
        location: { ...fix, accuracyM: 2 * GPS_SIGMA_M },
      };
    },
  };
}

function moved(
  from: { lat: number; lon: number },
  metres: number,
  bearing: number,
): { lat: number; lon: number } {
  const lat = from.lat + (metres * Math.cos(bearing)) / METRES_PER_DEGREE;
  const metresPerDegreeOfLon = METRES_PER_DEGREE * Math.cos((from.lat * Math.PI) / 180);
  return { lat: round(lat), lon: round(from.lon + (metres * Math.sin(bearing)) / metresPerDegreeOfLon) };
}

const round = (degrees: number) => Math.round(degrees * 1e6) / 1e6;

/** One normal deviate (Box and Muller 1958). */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
