import type { Gazetteer } from '../../areas/area.ts';
import type { FeedItem, FeedWindow } from '../feed.ts';
import { classify } from '../classify.ts';
import { parseWindow } from './parse-window.ts';
import type { PolisenEvent, UnreadableReason } from './parse-window.ts';
import { placeOf } from './place.ts';
import { eventTime, parsePublishedAt } from './times.ts';

/** Reads an answer of polisen.se down to places, times and types; pure. */
export function readWindow(
  bytes: Uint8Array,
  gazetteer: Gazetteer,
): FeedWindow | { readonly unreadable: UnreadableReason } {
  const parsed = parseWindow(bytes);
  if ('unreadable' in parsed) return parsed;
  const items: FeedItem[] = [];
  for (const event of parsed.events) {
    const item = readEvent(event, gazetteer);
    if (item !== undefined) items.push(item);
  }
  const { presentIds, hidesIds } = parsed;
  const setAside = parsed.setAside + parsed.events.length - items.length;
  return { items, presentIds, hidesIds, setAside };
}

/** One event as an item; undefined when its publication or its place cannot be made out. */
export function readEvent(event: PolisenEvent, gazetteer: Gazetteer): FeedItem | undefined {
  const publishedAt = parsePublishedAt(event.datetime);
  const place = placeOf(gazetteer, event);
  if (publishedAt === undefined || place === undefined) return undefined;
  const { kind, type, severity, known } = classify(event.type);
  return {
    sourceId: event.sourceId,
    kind,
    rawType: event.type,
    type,
    typeIsKnown: known,
    severity,
    description: event.summary.replace(/\s+/gu, ' ').trim(),
    payload: event.payload,
    publishedAt,
    occurredAt: eventTime(event.name, publishedAt),
    place,
    knownAt: null,
  };
}
