import { ALERT_KINDS } from './alert.ts';
import type { AlertEvent, AlertKind, AlertName, AlertRecord, Finding } from './alert.ts';

/** What is known of alerts: what was raised lately, and what is about to be. */
export interface AlertBook {
  /** Open ones, and those that were cleared lately. */
  readonly records: readonly AlertRecord[];
  /** Since when something has been bad without a break, or well, in milliseconds; by `keyOf`. */
  readonly trends: ReadonlyMap<string, Trend>;
}

interface Trend {
  readonly isBad: boolean;
  readonly sinceMs: number;
}

/** What `advance` needs from outside. */
export interface Circumstances {
  readonly nowMs: number;
  readonly instance: string;
  readonly newId: () => string;
  /** What was told is not told again within this time, however often it comes and goes. */
  readonly quietMs: number;
  /** Alerts of which nothing can be said now: they stay as they are. */
  readonly unknown?: ReadonlySet<AlertName>;
  readonly kinds?: Readonly<Record<AlertName, AlertKind>>;
}

export const EMPTY_BOOK: AlertBook = { records: [], trends: new Map() };

/** What is told of something that ended long ago helps nobody. */
const OLD_NEWS_MS = 24 * 3_600_000;

/**
 * Takes in what a look found; pure. What is bad for long enough is raised, and what is well for long enough cleared. An
 * open alert whose subject nobody found any more (a slot that was dropped) counts as well, unless nobody could look.
 */
export function advance(
  book: AlertBook,
  findings: readonly Finding[],
  circumstances: Circumstances,
): AlertBook {
  const { unknown } = circumstances;
  const found = new Map(findings.map((finding) => [keyOf(finding), finding]));
  for (const record of book.records) {
    const key = keyOf(record);
    const isUnseen = unknown?.has(record.name) === true;
    if (record.clearedAt === null && !found.has(key) && !isUnseen) found.set(key, gone(record));
  }
  const unseen = [...book.trends].filter(([key]) => unknown?.has(key.split(' ')[0] as AlertName) === true);
  const trends = new Map<string, Trend>(unseen);
  const records = new Map(book.records.map((record) => [record.id, record]));
  for (const [key, finding] of found) {
    const trend = trendAfter(book.trends.get(key), finding, circumstances.nowMs);
    if (trend === undefined) continue;
    trends.set(key, trend);
    const changed = judge(book.records, finding, trend, circumstances);
    if (changed !== undefined) records.set(changed.id, changed);
  }
  return { records: [...records.values()], trends };
}

/** What is to be told now, in its order. */
export function dueEvents({ records }: Pick<AlertBook, 'records'>, nowMs: number): AlertEvent[] {
  return records.flatMap((record): AlertEvent[] => {
    const { toldAt, tellFrom, clearedAt, clearToldAt } = record;
    if (toldAt !== null)
      return clearedAt !== null && clearToldAt === null ? [{ kind: 'cleared', record }] : [];
    if (tellFrom.getTime() > nowMs) return [];
    // It ended before it was to be told, or so long ago that nobody is helped.
    if (clearedAt !== null && (clearedAt < tellFrom || nowMs - clearedAt.getTime() > OLD_NEWS_MS)) return [];
    return [{ kind: 'raised', record }];
  });
}

/** The book after an event was told. */
export function told(book: AlertBook, { kind, record }: AlertEvent, at: Date): AlertBook {
  const after = kind === 'raised' ? { ...record, toldAt: at } : { ...record, clearToldAt: at };
  return { ...book, records: book.records.map((one) => (one.id === record.id ? after : one)) };
}

/** Names what an alert is about. */
export function keyOf({ name, subject }: Pick<Finding, 'name' | 'subject'>): string {
  return `${name} ${subject}`;
}

function gone({ name, subject, what }: AlertRecord): Finding {
  return { name, subject, verdict: 'good', what };
}

function trendAfter(before: Trend | undefined, { verdict }: Finding, nowMs: number): Trend | undefined {
  if (verdict === 'unsure') return before;
  const isBad = verdict === 'bad';
  return before?.isBad === isBad ? before : { isBad, sinceMs: nowMs };
}

/** The record that changes, or is new. */
function judge(
  records: readonly AlertRecord[],
  finding: Finding,
  { isBad, sinceMs }: Trend,
  circumstances: Circumstances,
): AlertRecord | undefined {
  const { nowMs, kinds = ALERT_KINDS } = circumstances;
  const { raiseAfterMs, clearAfterMs } = kinds[finding.name];
  const same = records.filter((record) => keyOf(record) === keyOf(finding));
  const open = same.find((record) => record.clearedAt === null);
  const lastedMs = nowMs - sinceMs;
  if (finding.verdict === 'unsure') return undefined;
  if (open === undefined)
    return isBad && lastedMs >= raiseAfterMs ? raise(finding, sinceMs, same, circumstances) : undefined;
  if (isBad) return { ...open, what: finding.what };
  return lastedMs >= clearAfterMs ? { ...open, clearedAt: new Date(nowMs) } : undefined;
}

function raise(
  { name, subject, what, since }: Finding,
  sinceMs: number,
  former: readonly AlertRecord[],
  { nowMs, instance, newId, quietMs }: Circumstances,
): AlertRecord {
  const lastToldMs = Math.max(...former.map(({ toldAt }) => toldAt?.getTime() ?? -Infinity));
  return {
    id: newId(),
    name,
    subject,
    instance,
    what,
    since: since ?? new Date(sinceMs),
    raisedAt: new Date(nowMs),
    tellFrom: new Date(Math.max(nowMs, lastToldMs + quietMs)),
    toldAt: null,
    clearedAt: null,
    clearToldAt: null,
  };
}
