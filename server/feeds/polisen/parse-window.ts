import { z } from 'zod';

/** Why an answer cannot be read as a window at all; stable codes. */
export type UnreadableReason = 'empty_body' | 'not_utf8' | 'not_json' | 'not_a_list' | 'too_many_items';

/** One event as polisen.se sends it. */
export interface PolisenEvent {
  readonly sourceId: string;
  /** As published, e.g. "2025-01-01 9:05:00 +01:00". */
  readonly datetime: string;
  readonly name: string;
  readonly summary: string;
  readonly type: string;
  readonly locationName: string | null;
  /** The whole object, fields that Halo does not know included. */
  readonly payload: Readonly<Record<string, unknown>>;
}

/** An answer that is a list: its events in order, and what could not be used of it. */
export interface ParsedWindow {
  readonly events: readonly PolisenEvent[];
  /** Keys of all items in order, of unusable ones too where they have one. */
  readonly presentIds: readonly string[];
  /** Items that are malformed, or whose key came before. */
  readonly setAside: number;
  /** True when an item's key could not be read, so that this answer proves no absence. */
  readonly hidesIds: boolean;
}

/** The feed has 500 items; ten times as many is something else. */
const MAX_ITEMS = 5_000;
/** An item is some 700 characters of JSON. */
const MAX_ITEM_CHARS = 32_768;

const idSchema = z.number().int().positive();
const keyedSchema = z.looseObject({ id: idSchema });
const eventSchema = z.looseObject({
  id: idSchema,
  datetime: z.string().max(40),
  name: z.string().min(1).max(500),
  summary: z.string().max(4_000).nullish(),
  type: z.string().trim().min(1).max(120),
  location: z.looseObject({ name: z.string().max(120).nullish() }).nullish(),
});

/** Reads the bytes of an answer. One bad item is set aside; it never takes the window with it. */
export function parseWindow(bytes: Uint8Array): ParsedWindow | { readonly unreadable: UnreadableReason } {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { unreadable: 'not_utf8' };
  }
  if (text.trim() === '') return { unreadable: 'empty_body' };
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return { unreadable: 'not_json' };
  }
  if (!Array.isArray(list)) return { unreadable: 'not_a_list' };
  if (list.length > MAX_ITEMS) return { unreadable: 'too_many_items' };
  return readItems(list);
}

function readItems(list: readonly unknown[]): ParsedWindow {
  const present = new Set<string>();
  const events: PolisenEvent[] = [];
  let hidesIds = false;
  for (const item of list) {
    const keyed = keyedSchema.safeParse(item);
    if (!keyed.success) {
      hidesIds = true;
      continue;
    }
    const sourceId = String(keyed.data.id);
    const event = present.has(sourceId) ? undefined : readEvent(sourceId, item);
    present.add(sourceId);
    if (event !== undefined) events.push(event);
  }
  return { events, presentIds: [...present], setAside: list.length - events.length, hidesIds };
}

function readEvent(sourceId: string, item: unknown): PolisenEvent | undefined {
  const parsed = eventSchema.safeParse(item);
  if (!parsed.success || JSON.stringify(item).length > MAX_ITEM_CHARS || !isStorable(item)) return undefined;
  const { datetime, name, summary, location } = parsed.data;
  return {
    sourceId,
    datetime,
    name,
    summary: summary ?? '',
    type: parsed.data.type,
    locationName: location?.name ?? null,
    payload: item as Record<string, unknown>,
  };
}

/** Postgres keeps neither U+0000 nor half a surrogate pair in a jsonb value. */
function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !/\0|\p{Surrogate}/u.test(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, member]) => isStorable(key) && isStorable(member));
}
