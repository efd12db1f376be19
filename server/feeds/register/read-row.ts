import { createHash } from 'node:crypto';
import type { ReportPlace } from '../../reports/report.ts';
import { classify } from '../classify.ts';
import type { FeedItem } from '../feed.ts';
import type { WallClock } from '../../platform/wall-clock.ts';
import type { ColumnOf, Field } from './columns.ts';
import { knownAt, occurredAt } from './row-times.ts';
import type { RejectReason, Row } from './row.ts';

/** How the rows of one file are to be read. */
export interface RowReading {
  readonly columnOf: ColumnOf;
  /** Zone of times that name none; undefined: such times are refused. */
  readonly clock: WallClock | undefined;
  /** Radius in metres that a position is right to: registers give the block, not the door. */
  readonly accuracyM: number;
  /** The place of a position. */
  readonly placeOf: (point: { lat: number; lon: number; accuracyM: number }) => ReportPlace;
  readonly now: Date;
}

const MAX_ID_CHARS = 80;
const MAX_CATEGORY_CHARS = 120;
const MAX_DESCRIPTION_CHARS = 4_000;
/** Clocks differ, and zones are mistaken for each other. */
const FUTURE_MS = 86_400_000;

/** A row as an item, or why it cannot be one; pure. Its key is its id, or a hash of the whole row where the file has none. */
export function readRow(row: Row, reading: RowReading): FeedItem | RejectReason {
  if (row.fault !== undefined) return row.fault;
  const { cells } = row;
  if (Object.values(cells).some((cell) => /\0|\p{Surrogate}/u.test(cell))) return 'text_unstorable';
  const cell = (field: Field) => cellOf(cells, reading.columnOf, field);
  const sourceId = keyOf(cells, reading.columnOf);
  if (sourceId === '') return 'id_missing';
  if (sourceId.length > MAX_ID_CHARS) return 'id_too_long';
  const happened = occurredAt(timeText(cell), reading.clock);
  if (typeof happened === 'string') return happened;
  if (happened.getTime() > reading.now.getTime() + FUTURE_MS) return 'time_in_future';
  const known = cell('known_at') === '' ? null : knownAt(cell('known_at'), reading.clock);
  if (typeof known === 'string') return known;
  const point = pointOf(cell('lat'), cell('lon'));
  if (typeof point === 'string') return point;
  const rawType = cell('category');
  const said = describe(rawType, cell('severity'), cell('description'));
  if (typeof said === 'string') return said;
  // Nothing is known before it has happened, whatever the register says.
  const knownTime = known !== null && known < happened ? happened : known;
  return {
    sourceId,
    kind: 'incident',
    rawType,
    ...said,
    payload: cells,
    publishedAt: knownTime ?? reading.now,
    occurredAt: happened,
    place: reading.placeOf({ ...point, accuracyM: reading.accuracyM }),
    knownAt: knownTime,
  };
}

/** What is read of a row's cell; empty where the file has no such column. */
function cellOf(cells: Row['cells'], columnOf: ColumnOf, field: Field): string {
  const column = columnOf[field];
  return (column === undefined ? '' : (cells[column] ?? '')).trim();
}

function keyOf(cells: Row['cells'], columnOf: ColumnOf): string {
  if (columnOf.id !== undefined) return cellOf(cells, columnOf, 'id');
  const hash = createHash('sha256').update(JSON.stringify(Object.entries(cells)));
  return `sha256:${hash.digest('hex')}`;
}

function timeText(cell: (field: Field) => string): string {
  const whole = cell('occurred_at');
  if (whole !== '') return whole;
  const [date, time] = [cell('date'), cell('time')];
  return date === '' || time === '' ? '' : `${date}T${time}`;
}

function pointOf(latText: string, lonText: string): { lat: number; lon: number } | RejectReason {
  if (latText === '' || lonText === '') return 'position_missing';
  const [lat, lon] = [Number(latText), Number(lonText)];
  if (!(Math.abs(lat) <= 90 && Math.abs(lon) <= 180)) return 'position_unreadable';
  // Nobody lives there: it is how a program writes that it knows no position.
  return lat === 0 && lon === 0 ? 'position_missing' : { lat, lon };
}

function describe(
  rawType: string,
  severityText: string,
  description: string,
): Pick<FeedItem, 'type' | 'typeIsKnown' | 'severity' | 'description'> | RejectReason {
  if (rawType === '') return 'category_missing';
  if (rawType.length > MAX_CATEGORY_CHARS) return 'category_too_long';
  if (severityText !== '' && !/^[1-5]$/.test(severityText)) return 'severity_invalid';
  if (description.length > MAX_DESCRIPTION_CHARS) return 'description_too_long';
  const { type, known, severity } = classify(rawType);
  return {
    type,
    typeIsKnown: known,
    severity: severityText === '' ? severity : Number(severityText),
    description,
  };
}
