import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';
import type { Linkable } from '../../../server/reports/linking.ts';
import { compatibleTypes } from '../../../server/reports/neighbouring-types.ts';
import { seededRandom } from './random.ts';
import type { Random } from './random.ts';
import { WORDINGS } from './wordings.ts';

/** A report of which it is known what event it describes. */
export interface LabelledReport extends Linkable {
  readonly event: number;
  /** How long after the event it reached the server, in milliseconds. */
  readonly delayMs: number;
}

/** A part of the country, and how much happens there. */
export interface Setting {
  readonly name: string;
  readonly lat: number;
  readonly lon: number;
  /** Side of the square, in metres. */
  readonly sideM: number;
  readonly events: number;
  readonly hours: number;
}

/** A city on a bad week, a suburb, and the countryside. */
export const SETTINGS: readonly Setting[] = [
  { name: 'dense', lat: 59.31, lon: 18.05, sideM: 5_000, events: 1_500, hours: 7 * 24 },
  { name: 'suburban', lat: 59.4, lon: 17.8, sideM: 15_000, events: 1_000, hours: 7 * 24 },
  { name: 'sparse', lat: 63.2, lon: 14.6, sideM: 100_000, events: 500, hours: 7 * 24 },
];

const START_MS = Date.UTC(2026, 5, 1);
const HOUR_MS = 3_600_000;
const METRES_PER_DEGREE = 111_195;
const TYPES = Object.keys(WORDINGS) as IncidentType[];
/** Of a hundred reports so many describe an event that another one described already. */
const DUPLICATES = 0.3;
const NOISE_M = [10, 25, 50] as const;
/** An event has a stranger beside it in this part of the cases: near in place or time, and another event. */
const STRANGERS = 0.15;
const WRONG_TYPES = 0.1;
const MAX_DELAY_MS = 48 * HOUR_MS;
/** Witnesses stand this far from what they report along each axis, in metres. */
const STAND_OFF_M = 30;
const MEAN_TIME_ERROR_MS = 8 * 60_000;

interface Event {
  readonly type: IncidentType;
  readonly atMs: number;
  readonly lat: number;
  readonly lon: number;
  readonly object: number;
}

/** Reports of a setting, the same for the same seed; in the order in which they reached the server. */
export function generate(setting: Setting, seed: number): LabelledReport[] {
  const random = seededRandom(seed);
  const events: Event[] = [];
  while (events.length < setting.events) {
    const event = eventOf(setting, random);
    events.push(event);
    if (random.uniform() < STRANGERS) events.push(strangerOf(event, random));
  }
  const reports = events.flatMap((event, index) =>
    Array.from({ length: reportCount(random) }, () => reportOf(event, index, random)),
  );
  return reports.toSorted(
    (a, b) =>
      a.occurredAt.getTime() + a.delayMs - (b.occurredAt.getTime() + b.delayMs) || (a.id < b.id ? -1 : 1),
  );
}

/** One, and with the probability of a duplicate one more, and so on. */
function reportCount(random: Random): number {
  let count = 1;
  while (random.uniform() < DUPLICATES) count += 1;
  return count;
}

function eventOf({ lat, lon, sideM, hours }: Setting, random: Random): Event {
  const type = random.pick(TYPES);
  return {
    type,
    atMs: START_MS + random.uniform() * hours * HOUR_MS,
    ...moved({ lat, lon }, random.uniform() * sideM, random.uniform() * sideM),
    object: Math.floor(random.uniform() * objectsOf(type).length),
  };
}

/** Another event nearby at the same time, or at the same spot some hours later. */
function strangerOf(event: Event, random: Random): Event {
  const type = random.uniform() < 0.7 ? event.type : random.pick(TYPES);
  const object = Math.floor(random.uniform() * objectsOf(type).length);
  if (random.uniform() < 0.5) {
    const [metres, bearing] = [250 + random.uniform() * 350, random.uniform() * 2 * Math.PI];
    const place = moved(event, metres * Math.cos(bearing), metres * Math.sin(bearing));
    return { ...place, type, object, atMs: event.atMs + (random.uniform() - 0.5) * 2 * HOUR_MS };
  }
  const later = (3 + random.uniform() * 21) * HOUR_MS;
  const place = moved(event, random.gaussian() * 20, random.gaussian() * 20);
  return { ...place, type, object, atMs: event.atMs + later };
}

function reportOf(event: Event, index: number, random: Random): LabelledReport {
  const noiseM = random.pick(NOISE_M);
  const spreadM = Math.hypot(noiseM, STAND_OFF_M);
  const place = moved(event, random.gaussian() * spreadM, random.gaussian() * spreadM);
  // People name a time a little late, seldom too early, and half of them a round one.
  const error = MEAN_TIME_ERROR_MS * random.exponential() * (random.uniform() < 0.8 ? 1 : -1);
  const round = random.uniform() < 0.5 ? 5 * 60_000 : 60_000;
  const neighbours = compatibleTypes(event.type).filter((type) => type !== event.type);
  const isWrong = neighbours.length > 0 && random.uniform() < WRONG_TYPES;
  return {
    id: idOf(random),
    event: index,
    delayMs: random.uniform() < 0.5 ? random.exponential() * 60_000 : random.uniform() * MAX_DELAY_MS,
    type: isWrong ? random.pick(neighbours) : event.type,
    occurredAt: new Date(Math.round((event.atMs + error) / round) * round),
    description: describe(event, random),
    pin: null,
    register: null,
    place: {
      ...place,
      precision: 'point',
      // What devices say of their accuracy is itself only about right.
      accuracyM: noiseM * 1.5 * Math.exp(random.gaussian() * 0.3),
      region: null,
      municipality: null,
      district: null,
      areaBasis: null,
    },
  };
}

function describe({ type, object }: Event, random: Random): string {
  const wording = WORDINGS[type];
  const thing = objectsOf(type)[object];
  if (wording === undefined || thing === undefined) throw new Error(`no words for ${type}`);
  const language = random.uniform() < 0.7 ? 'sv' : 'en';
  return wording[language]
    .map((choices) => random.pick(choices))
    .map((part) => (part === 'OBJECT' ? random.pick(thing[language]) : part))
    .join(' ');
}

function objectsOf(type: IncidentType) {
  return WORDINGS[type]?.objects ?? [];
}

function moved({ lat, lon }: { readonly lat: number; readonly lon: number }, north: number, east: number) {
  const width = METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180);
  return { lat: lat + north / METRES_PER_DEGREE, lon: lon + east / width };
}

function idOf(random: Random): string {
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(random.uniform() * 16).toString(16)).join('');
  return `${hex(8)}-${hex(4)}-7${hex(3)}-8${hex(3)}-${hex(12)}`;
}
