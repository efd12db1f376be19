import type { RealtimeOperation, RealtimeSubscription } from '@halo/shapes/protocol/realtime.ts';
import { compareLogOffsets } from '@halo/shapes/protocol/offset.ts';
import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import { greatCircleDistance, UNITS } from 'h3-js';
import { operationOf } from './incident-change.ts';
import type { IncidentChange, IncidentView } from './incident-change.ts';

/** One subscription of a socket. */
export interface Subscription<Owner> {
  readonly owner: Owner;
  readonly filter: RealtimeSubscription;
  /** Everything up to here was told, or lies before its beginning. */
  after: LogOffset;
}

/** Whether an incident meets all conditions of a filter. */
export function meets(filter: RealtimeSubscription, incident: IncidentView): boolean {
  const { area, circle, minSeverity, types, kinds } = filter;
  if (kinds?.includes('incident') === false) return false;
  if (minSeverity !== undefined && incident.severity < minSeverity) return false;
  if (types !== undefined && !types.some((type) => type === incident.type)) return false;
  if (area !== undefined && !incident.areas.includes(area)) return false;
  if (circle === undefined) return true;
  const from: [number, number] = [circle.lat, circle.lon];
  return greatCircleDistance(from, [incident.lat, incident.lon], UNITS.m) <= circle.radiusM;
}

/** What a change is to a subscription that was not told of it; undefined for nothing. */
export function newsFor(
  subscription: Subscription<unknown>,
  change: IncidentChange,
): RealtimeOperation | undefined {
  if (compareLogOffsets(change.offset, subscription.after) <= 0) return undefined;
  return operationOf(change, (incident) => meets(subscription.filter, incident));
}
