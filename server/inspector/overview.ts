import type { FeedList, Overview } from '@halo/shapes/protocol/inspector.ts';
import { seconds } from './device-answer.ts';
import type { FleetView } from './fleet.ts';
import type { InstanceView } from './instances.ts';
import { sinceOf } from './verdict-since.ts';
import type { LastVerdict } from './verdict-since.ts';

export interface OverviewFacts {
  readonly now: Date;
  readonly fleet: FleetView;
  readonly instances: readonly InstanceView[];
  readonly feeds: readonly Pick<FeedList['feeds'][number], 'feed' | 'state'>[];
  readonly mutations: Overview['mutations'];
  /** What the history says last. */
  readonly last: LastVerdict | undefined;
}

type Finding = Overview['findings'][number];

/** What is to be seen at a glance, and a sentence for each thing that is wrong. */
export function overviewOf({ now, fleet, instances, feeds, mutations, last }: OverviewFacts): Overview {
  const { counts, devices } = fleet;
  const verdict = verdictOf(instances, fleet);
  return {
    at: now.toISOString(),
    verdict,
    since: sinceOf(verdict, last, now)?.toISOString() ?? null,
    findings: [...ofInstances(instances), ...ofDevices(counts), ...ofFeeds(feeds)],
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

/** An instance that is gone may have been stopped on purpose: its devices ask others, or are offline. */
export function verdictOf(
  instances: readonly InstanceView[],
  { counts }: Pick<FleetView, 'counts'>,
): Overview['verdict'] {
  const states = new Set(instances.map(({ state }) => state));
  if (['silent', 'disconnected', 'postgres_down'].some((each) => states.has(each as never)))
    return 'replication_down';
  if (states.has('behind')) return 'replication_behind';
  return counts.stalled > 0 ? 'devices_need_a_look' : 'well';
}

function ofInstances(instances: readonly InstanceView[]): Finding[] {
  return instances
    .filter(({ state }) => state !== 'live')
    .map(({ id, state, lagMs }) => {
      const since = lagMs === null ? '?' : String(Math.round(lagMs / 1000));
      return {
        code: `replication_${state}`,
        text: `Instance ${id}: replication is ${state.replaceAll('_', ' ')}; its log was whole ${since} s ago.`,
        textSv: `Instans ${id}: replikeringen är ${state.replaceAll('_', ' ')}; dess logg var hel för ${since} s sedan.`,
      };
    });
}

function ofDevices({ stalled, offline }: FleetView['counts']): Finding[] {
  const findings: Finding[] = [];
  if (stalled > 0)
    findings.push({
      code: 'devices_stalled',
      text: `${stalled} devices are there and do not get on.`,
      textSv: `${stalled} enheter är där men kommer inte framåt.`,
    });
  if (offline > 0)
    findings.push({
      code: 'devices_offline',
      text: `${offline} devices have not been heard when they were due.`,
      textSv: `${offline} enheter har inte hörts av när de skulle.`,
    });
  return findings;
}

function ofFeeds(feeds: OverviewFacts['feeds']): Finding[] {
  return feeds
    .filter(({ state }) => state !== 'well')
    .map(({ feed, state }) => ({
      code: `feed_${state}`,
      text: `The feed ${feed} is ${state}.`,
      textSv: state === 'overdue' ? `Flödet ${feed} är försenat.` : `Flödet ${feed} misslyckas.`,
    }));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
