import type { DeviceAnswer, DeviceReason, ShapePosition } from '@halo/shapes/protocol/inspector-devices.ts';
import { parseOffset } from '@halo/shapes/protocol/offset.ts';
import type { ContactRow, DeviceRow } from './fleet-store.ts';
import { DUE_MS, judgeDevice } from './judge-device.ts';
import type { DeviceFacts, HeadKnowledge, ShapeFacts } from './judge-device.ts';
import { wordsOf } from './reason-words.ts';

/** What is known of the log's end at this moment; ages in milliseconds. */
export interface HeadView {
  /** Where it is; undefined where that is not known here. */
  readonly head: bigint | undefined;
  /** How long ago it went past a place; undefined where it has not. */
  passedAge(lsn: bigint): number | undefined;
  transactionsAfter(lsn: bigint): number | undefined;
  /** Of the log that an instance's readers are given. */
  ofInstance(instance: string | undefined): HeadAge;
}

/** As `HeadKnowledge`, with an age. */
export type HeadAge =
  { readonly kind: 'known' | 'elsewhere' } | { readonly kind: 'late' | 'unknown'; readonly age: number };

/** How a device is, of what all instances have heard; `contacts` are its own, the last heard first. */
export function deviceAnswer(
  row: DeviceRow,
  contacts: readonly ContactRow[],
  view: HeadView,
  now: Date,
): DeviceAnswer {
  const head = view.ofInstance(contacts[0]?.instance);
  // Once for all that is made of them: there are thousands of devices.
  const positions = newestPositions(contacts, view);
  const shapes = positions.map((position) => shapePosition(position, view, head));
  const facts = deviceFacts(row, contacts, view, now, positions);
  const { nowMs, heardMs, dueMs } = facts;
  const verdict = judgeDevice(facts);
  return {
    id: row.id,
    knownBy: row.known_by,
    user: { id: row.user_id, email: row.email, displayName: row.display_name, role: row.role },
    appVersion: row.app_version,
    firstSeenAt: row.first_seen_at.toISOString(),
    state: verdict.state,
    reason: wordsOf(verdict.reason, verdict.shape),
    since: verdict.sinceMs === undefined ? null : new Date(verdict.sinceMs).toISOString(),
    contact: {
      lastAt: new Date(heardMs).toISOString(),
      ageSeconds: seconds(nowMs - heardMs),
      dueSeconds: seconds(dueMs),
      instances: contacts.map(({ instance }) => instance),
    },
    outbox: outboxOf(row),
    lastError:
      row.error_code === null
        ? null
        : {
            code: row.error_code,
            at: row.error_at!.toISOString(),
            ageSeconds: seconds(row.error_age!),
            from: row.error_from!,
          },
    lastSeq: Number(row.last_seq ?? 0),
    behindBytes: most(shapes.map(({ behindBytes }) => behindBytes)),
    behindTransactions: most(shapes.map(({ behindTransactions }) => behindTransactions)),
    shapes,
  };
}

/** What is known of a device at this moment; `contacts` are its own, the last heard first. */
export function deviceFacts(
  row: DeviceRow,
  contacts: readonly ContactRow[],
  view: HeadView,
  now: Date,
  positions: readonly Position[] = newestPositions(contacts, view),
): DeviceFacts {
  const last = contacts[0];
  const nowMs = now.getTime();
  const heardAge = last?.heard_age ?? row.heard_age;
  const dueMs = (last?.due_s ?? DUE_MS / 1_000) * 1_000;
  const head = view.ofInstance(last?.instance);
  return {
    nowMs,
    ended:
      row.ended === null
        ? undefined
        : {
            reason: row.ended as DeviceReason,
            sinceMs: row.ended_age === null ? undefined : nowMs - row.ended_age,
          },
    heardMs: nowMs - heardAge,
    // Contact with another instance in between is contact, too.
    unbrokenMs: nowMs - (unbrokenAge(contacts, dueMs) ?? heardAge),
    dueMs,
    head: headKnowledge(head, nowMs),
    shapes: positions.map((position) => shapeFacts(position, head, nowMs)),
    stuckMs: row.stuck_age === null ? undefined : nowMs - row.stuck_age,
  };
}

interface Position {
  readonly shape: string;
  readonly phase: ShapePosition['phase'];
  readonly offset: string;
  /** Undefined where it is no place in the log. */
  readonly lsn: bigint | undefined;
  /** How long ago the log went past it, in milliseconds; undefined where it has not. */
  readonly passedAge: number | undefined;
  readonly askedAge: number;
  readonly movedAge: number;
  readonly looks: boolean;
}

/** Of each shape what was heard last. What one instance was asked long before another says nothing any more. */
function newestPositions(contacts: readonly ContactRow[], view: HeadView): readonly Position[] {
  const [last] = contacts;
  if (last === undefined) return [];
  const recent = contacts.filter(({ heard_age: age }) => age <= last.heard_age + 2 * DUE_MS);
  const positions = recent.flatMap((contact) => positionsOf(contact, view));
  if (recent.length === 1) return positions.sort(byShape);
  const newest = new Map<string, Position>();
  for (const position of positions) {
    const known = newest.get(position.shape);
    if (known === undefined || position.askedAge < known.askedAge) newest.set(position.shape, position);
  }
  return [...newest.values()].sort(byShape);
}

function positionsOf({ shapes, written_age: writtenAge }: ContactRow, view: HeadView): Position[] {
  return shapes.map(([shape, phase, offset, asked, moved, looks]) => {
    const lsn = lsnOf(offset);
    return {
      shape,
      phase,
      offset,
      lsn,
      passedAge: lsn === undefined ? undefined : view.passedAge(lsn),
      askedAge: writtenAge + asked,
      movedAge: writtenAge + moved,
      looks: looks === 1,
    };
  });
}

function byShape(a: Position, b: Position): number {
  return a.shape < b.shape ? -1 : 1;
}

function unbrokenAge(contacts: readonly ContactRow[], dueMs: number): number | undefined {
  let age: number | undefined;
  for (const { heard_age: heard, since_age: since } of contacts) {
    if (age !== undefined && heard > age + dueMs) break;
    age = Math.max(age ?? 0, since);
  }
  return age;
}

function shapePosition(position: Position, view: HeadView, head: HeadAge): ShapePosition {
  const { shape, phase, offset, lsn, passedAge, askedAge, movedAge } = position;
  const isMeasured = lsn !== undefined && view.head !== undefined && head.kind !== 'elsewhere';
  // Where the end is not known, a distance of 0 would be a lie.
  const isKnown = isMeasured && head.kind !== 'unknown';
  return {
    shape,
    name: shape.split('?', 1)[0]!,
    phase,
    offset,
    behindBytes: isKnown ? Number(view.head > lsn ? view.head - lsn : 0n) : null,
    behindTransactions: isKnown ? (view.transactionsAfter(lsn) ?? null) : null,
    behindSeconds: isKnown ? seconds(passedAge ?? 0) : null,
    askedSecondsAgo: seconds(askedAge),
    movedSecondsAgo: seconds(movedAge),
  };
}

function shapeFacts(position: Position, head: HeadAge, nowMs: number): ShapeFacts {
  const { shape, phase, askedAge, movedAge, looks } = position;
  const passedAge = head.kind === 'elsewhere' ? undefined : position.passedAge;
  return {
    shape,
    phase,
    looks,
    askedMs: nowMs - askedAge,
    movedMs: nowMs - movedAge,
    passedMs: passedAge === undefined ? undefined : nowMs - passedAge,
  };
}

function headKnowledge(head: HeadAge, nowMs: number): HeadKnowledge {
  return 'age' in head ? { kind: head.kind, sinceMs: nowMs - head.age } : { kind: head.kind };
}

function outboxOf(row: DeviceRow): DeviceAnswer['outbox'] {
  if (row.reported_age === null) return null;
  return {
    pending: row.pending ?? 0,
    rejected: row.rejected ?? 0,
    oldestSeconds: row.oldest_s === null ? null : Number(row.oldest_s),
    reportedSecondsAgo: seconds(row.reported_age),
    stuckSeconds: row.stuck_age === null ? null : seconds(row.stuck_age),
  };
}

function lsnOf(offset: string): bigint | undefined {
  const parsed = parseOffset(offset);
  return parsed?.kind === 'log' ? parsed.lsn : undefined;
}

/** The largest; null where one is not known, or there is none. */
function most(values: readonly (number | null)[]): number | null {
  let largest: number | null = null;
  for (const value of values) {
    if (value === null) return null;
    largest = Math.max(largest ?? 0, value);
  }
  return largest;
}

export function seconds(ms: number): number {
  return Math.round(Math.max(0, ms) / 100) / 10;
}
