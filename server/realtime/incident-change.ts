import type { RealtimeOperation } from '@halo/shapes/protocol/realtime.ts';
import { parseOffset } from '@halo/shapes/protocol/offset.ts';
import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import type { ChangeMessage, ShapeMessage, WireRow } from '@halo/shapes/protocol/messages.ts';
import { isChangeMessage } from '@halo/shapes/protocol/messages.ts';

/** What subscriptions look at in an incident. */
export interface IncidentView {
  /** Codes of the areas that it lies in. */
  readonly areas: readonly string[];
  /** WGS84 degrees. */
  readonly lat: number;
  readonly lon: number;
  readonly severity: number;
  readonly type: string;
}

/** One change of an incident, as the shape's log tells it. */
export interface IncidentChange {
  readonly offset: LogOffset;
  readonly offsetText: string;
  readonly before: IncidentView | null;
  readonly after: IncidentView | null;
  /** The row to tell: after the change, or the last one. */
  readonly row: WireRow;
}

/** The changes in an answer of the shape engine (a JSON array of messages, updates with the old values). */
export function changesOf(json: string): IncidentChange[] {
  return (JSON.parse(json) as ShapeMessage[]).filter(isChangeMessage).map(changeOf);
}

function changeOf({ value, old_value: old, headers }: ChangeMessage): IncidentChange {
  const offsetText = `${headers.lsn}_${headers.op_position}`;
  const offset = parseOffset(offsetText);
  if (offset?.kind !== 'log') throw new Error('a change without its place in the log');
  const view = viewOf(value);
  return {
    offset,
    offsetText,
    before: headers.operation === 'insert' ? null : old === undefined ? view : viewOf({ ...value, ...old }),
    after: headers.operation === 'delete' ? null : view,
    row: value,
  };
}

function viewOf(row: WireRow): IncidentView {
  const areas = [row.region, row.municipality, row.district];
  return {
    areas: areas.filter((code) => typeof code === 'string'),
    lat: Number(row.lat),
    lon: Number(row.lon),
    severity: Number(row.severity),
    type: row.type ?? '',
  };
}

/** What a change does to a filter that its row met before, after, both or neither; undefined for nothing. */
export function operationOf(
  change: IncidentChange,
  meets: (view: IncidentView) => boolean,
): RealtimeOperation | undefined {
  const was = change.before !== null && meets(change.before);
  if (change.after === null) return was ? 'delete' : undefined;
  if (meets(change.after)) return was ? 'update' : 'insert';
  return was ? 'leave' : undefined;
}
