import type { Overview } from '@halo/shapes/protocol/inspector.ts';
import { seconds } from './device-answer.ts';
import { findingsOf, verdictOf } from './findings.ts';
import type { Facts } from './findings.ts';
import type { FleetView } from './fleet.ts';
import { sinceOf } from './verdict-since.ts';
import type { LastVerdict } from './verdict-since.ts';

export interface OverviewFacts extends Facts {
  readonly now: Date;
  readonly mutations: Overview['mutations'];
  /** What the history says last. */
  readonly last: LastVerdict | undefined;
}

/** What is to be seen at a glance, and a sentence for each thing that is wrong. */
export function overviewOf({ now, mutations, last, ...facts }: OverviewFacts): Overview {
  const { fleet, instances, feeds } = facts;
  const { counts, devices } = fleet;
  const verdict = verdictOf(facts);
  return {
    at: now.toISOString(),
    verdict,
    since: sinceOf(verdict, last, now)?.toISOString() ?? null,
    findings: findingsOf(facts),
    devices: counts,
    outbox: outboxOf(devices),
    mutations,
    instances: instances.map(({ id, state, lagBytes, lagMs }) => ({
      ...{ id, state, lagBytes },
      lagSeconds: lagMs === null ? null : seconds(lagMs),
    })),
    feeds: feeds.map(({ feed, state }) => ({ feed, state })),
  };
}

/** What waits on devices, as they last reported. */
export function outboxOf(devices: FleetView['devices']): Overview['outbox'] {
  return {
    pending: sum(devices.map(({ outbox }) => outbox?.pending ?? 0)),
    rejected: sum(devices.map(({ outbox }) => outbox?.rejected ?? 0)),
    stuckDevices: devices.filter(({ reason }) => reason.code === 'outbox_stuck').length,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
