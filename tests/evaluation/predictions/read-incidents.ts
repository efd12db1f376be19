import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { Gazetteer } from '../../../server/areas/area.ts';
import { FIELDS, findColumns } from '../../../server/feeds/register/columns.ts';
import { openRowFile } from '../../../server/feeds/register/open-row-file.ts';
import { registerSource } from '../../../server/feeds/register/register-source.ts';
import { REJECT_REASONS } from '../../../server/feeds/register/row.ts';
import type { RejectReason } from '../../../server/feeds/register/row.ts';
import { withoutRepeated } from '../../../server/feeds/register/without-repeated.ts';
import { readWindow } from '../../../server/feeds/polisen/read-window.ts';
import type { FeedItem } from '../../../server/feeds/feed.ts';
import { UnknownTypes } from '../../../server/feeds/unknown-types.ts';
import { HaloError, messageOf } from '../../../server/platform/errors.ts';
import type { HistoryIncident } from '../../../server/predictions/history-builder.ts';
import { placeOfPoint } from '../../../server/reports/place-of-point.ts';
import type { EvaluationArguments } from './arguments.ts';

/** Items of an archive that are read at once. */
const WINDOW = 5_000;
/** Registers tell the block, not the door. */
const ACCURACY_M = 100;
/** So many types that the taxonomy lacks are named. */
const NAMED_TYPES = 5;

/** What a file came to. */
export interface Reading {
  readonly incidents: readonly HistoryIncident[];
  /** How many of its entries are used, which are not and why, and what else is to be known of them; a line each. */
  readonly remarks: readonly string[];
}

/**
 * The incidents of a register's file, read as an import reads them. Fails with what reading fails with, with
 * `evaluation_nothing_usable`, and with `evaluation_known_at_missing` where nothing says when any entry was known.
 */
export async function registerIncidents(
  { source: path, delimiter, mappings, clock }: EvaluationArguments,
  gazetteer: Gazetteer,
  now: Date,
): Promise<Reading> {
  const file = await openRowFile(path, delimiter);
  try {
    const columnOf = findColumns(file.columns, mappings);
    if (columnOf.known_at === undefined) throw neverKnown();
    const placeOf = (point: { lat: number; lon: number; accuracyM: number }) =>
      placeOfPoint(gazetteer, point);
    const source = registerSource('evaluation', file, {
      columnOf,
      clock,
      accuracyM: ACCURACY_M,
      placeOf,
      now,
    });
    const incidents: HistoryIncident[] = [];
    const keys = new Set<string>();
    const rejected = new Map<RejectReason, number>();
    const otherTypes = new UnknownTypes();
    let unknown = 0;
    for await (const rows of source.fetch(new AbortController().signal)) {
      const { items, rejects } = withoutRepeated(source.items(rows), keys);
      for (const { reason } of rejects) rejected.set(reason, (rejected.get(reason) ?? 0) + 1);
      for (const { item } of items) {
        if (item.knownAt === null) unknown += 1;
        if (!item.typeIsKnown) otherTypes.add(item.rawType);
        incidents.push(incidentOf(item));
      }
    }
    if (incidents.length > 0 && unknown === incidents.length) throw neverKnown();
    return { incidents, remarks: registerRemarks(incidents.length, rejected, unknown, otherTypes) };
  } finally {
    file.close();
  }
}

function registerRemarks(
  used: number,
  rejected: ReadonlyMap<RejectReason, number>,
  unknown: number,
  otherTypes: UnknownTypes,
): readonly string[] {
  const reasons = [...rejected]
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, rows]) => `${number(rows)} × ${reason}: ${inWords(reason)}`);
  if (used === 0)
    throw new HaloError(
      'evaluation_nothing_usable',
      `None of the file's entries can be used${reasons.length > 0 ? `: ${reasons.join('; ')}` : ', it has none'}.`,
    );
  const all = [...rejected.values()].reduce((sum, rows) => sum + rows, used);
  const remarks = [`${number(used)} of ${number(all)} entries are used.`, ...reasons];
  if (unknown > 0)
    remarks.push(
      `${number(unknown)} entries do not say when they were known: no forecast knew of them, and yet they came.`,
    );
  if (otherTypes.total > 0) {
    const named = otherTypes.list().slice(0, NAMED_TYPES);
    remarks.push(
      `${number(otherTypes.total)} entries have a type that the taxonomy lacks, and mostly count as "other": ` +
        `${named.map(([type, rows]) => `${number(rows)} × ${type}`).join(', ')}${otherTypes.list().length > NAMED_TYPES ? ' and further ones' : ''}.`,
    );
  }
  return remarks;
}

/** Why a row is left out, by the names that options have here. */
function inWords(reason: RejectReason): string {
  return reason === 'time_without_zone'
    ? 'its time has no offset, and no --zone says in which zone it is meant'
    : REJECT_REASONS[reason];
}

function neverKnown(): HaloError {
  return new HaloError(
    'evaluation_known_at_missing',
    `Nothing says when an entry was known, and a forecast of the past must not know of it sooner; it is read from a column ${FIELDS.known_at.join(', ')}.`,
    { hint: 'Name another one: --map "COLUMN=known_at".' },
  );
}

/**
 * The incidents of an archive of polisen.se's events, one a line, read as the poller reads them. Fails with
 * `evaluation_archive_unreadable` or `evaluation_nothing_usable`.
 */
export async function archiveIncidents(path: string, gazetteer: Gazetteer): Promise<Reading> {
  const lines = (await archiveText(path)).trimEnd().split('\n');
  const incidents: HistoryIncident[] = [];
  let [notices, setAside] = [0, 0];
  for (let from = 0; from < lines.length; from += WINDOW) {
    const window = readWindow(Buffer.from(`[${lines.slice(from, from + WINDOW).join(',')}]`), gazetteer);
    if ('unreadable' in window) throw unreadable(path, window.unreadable);
    for (const item of window.items)
      if (item.kind === 'incident') incidents.push(incidentOf(item));
      else notices += 1;
    setAside += window.setAside;
  }
  const facts = [
    `${number(incidents.length)} of ${number(lines.length)} events are used`,
    `${number(notices)} are notices`,
    `of ${number(setAside)} the time or the place cannot be made out`,
  ];
  if (incidents.length === 0)
    throw new HaloError('evaluation_nothing_usable', `None can be used: ${facts.join(', ')}.`);
  return { incidents, remarks: [`${facts.join(', ')}.`] };
}

async function archiveText(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (cause) {
    throw unreadable(path, (cause as NodeJS.ErrnoException).code ?? messageOf(cause), cause);
  }
}

function unreadable(path: string, why: string, cause?: unknown): HaloError {
  return new HaloError('evaluation_archive_unreadable', `The archive ${path} cannot be read (${why}).`, {
    cause,
  });
}

function incidentOf({ type, occurredAt, publishedAt, knownAt, place }: FeedItem): HistoryIncident {
  return {
    type,
    occurredAtMs: (occurredAt ?? publishedAt).getTime(),
    knownAtMs: (knownAt ?? publishedAt).getTime(),
    lat: place.lat,
    lon: place.lon,
    region: place.region,
    municipality: place.municipality,
    isPoint: place.precision === 'point',
  };
}

function number(value: number): string {
  return value.toLocaleString('en');
}
