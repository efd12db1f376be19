import { createGazetteer } from '../../../server/areas/gazetteer.ts';
import type { Gazetteer } from '../../../server/areas/area.ts';
import type { FeedItem } from '../../../server/feeds/feed.ts';
import { readWindow } from '../../../server/feeds/polisen/read-window.ts';
import { readNdjson } from '../../support/ndjson.ts';
import { sharedPath } from '../../support/shared-data.ts';

/** An event as the feed has it, by the names of its fields. */
type RawEvent = Readonly<Record<string, unknown>> & { readonly id: number };

interface ArchivedEvent extends RawEvent {
  readonly first_seen: string;
  readonly last_seen: string;
  readonly versions: number;
}
interface Edit {
  readonly id: number;
  readonly prev_seen: string;
  readonly seen: string;
  readonly changed: Readonly<Record<string, readonly [before: unknown, after: unknown]>>;
}
interface Removal {
  readonly id: number;
  readonly last_seen: string;
  readonly first_missing: string;
  readonly fate: 'never' | 'reappeared';
  readonly event: RawEvent;
}

/** One thing that a poll saw of one event. */
export interface Step {
  readonly at: Date;
  readonly id: string;
  /** What the feed showed from then on; undefined: it was gone. */
  readonly item: FeedItem | undefined;
}

/** What the archive says must come of it, counted from its files alone. */
export interface Archive {
  /** In the order of time. */
  readonly steps: readonly Step[];
  readonly events: number;
  readonly versions: number;
  readonly withdrawals: number;
  /** Events that are gone in the end. */
  readonly gone: ReadonlySet<string>;
  /** Ids of events that cannot be used. */
  readonly unusable: readonly string[];
}

/** Fields of the archive's own. */
const NOTES = new Set(['first_seen', 'last_seen', 'versions', 'snapshots']);

/**
 * The archive of the police feed as the steps that its polls saw, from `from` until `until`: events as they first were,
 * each edit, each withdrawal, and each return. The archive does not say when an event came back: it is taken to be at its next sign
 * of life, and else an hour later. Seven events that were withdrawn after the archive of events ends are taken from the
 * withdrawals. Fails with `archive_unreadable`.
 */
export function readArchive(from = '', until = '9999'): Archive {
  const gazetteer = createGazetteer();
  const path = (file: string) => sharedPath('data', 'polisen', file);
  const removals = readNdjson<Removal>(path('removed.ndjson.gz')).toSorted(by(({ first_missing: at }) => at));
  const archived = readNdjson<ArchivedEvent>(path('events-until-2026-03.ndjson.gz'));
  const known = new Set(archived.map(({ id }) => id));
  const later = removals.filter(({ id }) => !known.has(id)).map(laterEvent);
  const events = [...archived, ...later].filter(({ first_seen: at }) => at >= from && at < until);
  const ids = new Set(events.map(({ id }) => id));
  const edits = readNdjson<Edit>(path('edits.ndjson.gz'))
    .filter(({ id }) => ids.has(id) && known.has(id))
    .toSorted(by(({ seen }) => seen));
  const gone = removals.filter(({ id }) => ids.has(id));

  const [editsOf, goneOf] = [byEvent(edits), byEvent(gone)];
  const unusable: string[] = [];
  const steps = events.flatMap((event) => {
    const found = stepsOf(event, editsOf.get(event.id) ?? [], goneOf.get(event.id) ?? [], gazetteer);
    if (found === undefined) unusable.push(String(event.id));
    return found ?? [];
  });
  const usable = new Set(steps.map(({ id }) => id));
  const left = new Map(gone.map(({ id, fate }) => [String(id), fate]));
  return {
    steps: steps.toSorted((a, b) => a.at.getTime() - b.at.getTime()),
    events: usable.size,
    versions: events.reduce((sum, { id, versions }) => sum + (usable.has(String(id)) ? versions : 0), 0),
    withdrawals: gone.length,
    gone: new Set([...left].filter(([, fate]) => fate === 'never').map(([id]) => id)),
    unusable,
  };
}

function laterEvent({ event, last_seen: seen }: Removal): ArchivedEvent {
  return { ...event, first_seen: seen, last_seen: seen, versions: 1 };
}

/** Undefined where the event cannot be used in one of its versions. */
function stepsOf(
  event: ArchivedEvent,
  edits: readonly Edit[],
  removals: readonly Removal[],
  gazetteer: Gazetteer,
): Step[] | undefined {
  const versions = versionsOf(event, edits).map((raw) => itemOf(raw, gazetteer));
  if (versions.some((item) => item === undefined)) return undefined;
  const id = String(event.id);
  const seen = [
    { at: event.first_seen, item: versions[0] },
    ...edits.map(({ seen: at }, index) => ({ at, item: versions[index + 1] })),
  ];
  const steps = seen.map(({ at, item }): Step => ({ at: new Date(at), id, item }));
  for (const { first_missing: at, fate } of removals) {
    steps.push({ at: new Date(at), id, item: undefined });
    if (fate === 'never') continue;
    const before = seen.findLast((each) => each.at <= at)?.item;
    steps.push({ at: returnedAt(at, removals, edits), id, item: before });
  }
  return steps;
}

function returnedAt(missing: string, removals: readonly Removal[], edits: readonly Edit[]): Date {
  const signs = [
    ...removals.filter(({ first_missing: at }) => at > missing).map(({ last_seen: at }) => at),
    ...edits.filter(({ seen: at }) => at > missing).map(({ prev_seen: at }) => at),
  ].filter((at) => at > missing);
  const [first] = signs.toSorted();
  return first === undefined ? new Date(Date.parse(missing) + 3_600_000) : new Date(first);
}

/** The event as it was at first and after each edit: the archive holds the last, and what each edit changed. */
function versionsOf(event: ArchivedEvent, edits: readonly Edit[]): RawEvent[] {
  const entries = Object.entries(event).filter(([name]) => !NOTES.has(name));
  let raw = Object.fromEntries(entries) as RawEvent;
  const versions = [raw];
  for (const { changed } of edits.toReversed()) {
    const before = Object.entries(changed).map(([name, [old]]) => [name, old] as const);
    raw = { ...raw, ...Object.fromEntries(before) };
    versions.unshift(raw);
  }
  return versions;
}

/** Read as the poller reads it. */
function itemOf(event: RawEvent, gazetteer: Gazetteer): FeedItem | undefined {
  const window = readWindow(Buffer.from(JSON.stringify([event])), gazetteer);
  return 'unreadable' in window ? undefined : window.items[0];
}

function by<Item>(key: (item: Item) => string): (a: Item, b: Item) => number {
  return (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
}

function byEvent<Item extends { readonly id: number }>(items: readonly Item[]): Map<number, Item[]> {
  const found = new Map<number, Item[]>();
  for (const item of items) {
    const known = found.get(item.id);
    if (known === undefined) found.set(item.id, [item]);
    else known.push(item);
  }
  return found;
}
