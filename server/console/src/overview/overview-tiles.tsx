import type { Overview } from '@halo/shapes/protocol/inspector.ts';
import { jobsVerdict, runsOf } from '../jobs/run.ts';
import { worstInstance } from '../replication/instance-tone.ts';
import { pathOf } from '../routing/routes.ts';
import { useShape } from '../sync/use-shape.ts';
import { count, duration } from '../texts/format.ts';
import { t, wordFor } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import type { Tone } from '../ui/chip.tsx';
import { devicesVerdict } from './devices-verdict.ts';
import { Tile } from './tile.tsx';

/** The parts of the whole, each with its state in a word. */
export function OverviewTiles({ overview }: { overview: Overview }) {
  return (
    <div className="tiles">
      <ReplicationTile instances={overview.instances} />
      <DevicesTile devices={overview.devices} />
      <OutboxTile outbox={overview.outbox} />
      <MutationsTile mutations={overview.mutations} />
      <FeedsTile feeds={overview.feeds} />
      <JobsTile />
    </div>
  );
}

function ReplicationTile({ instances }: { instances: Overview['instances'] }) {
  const there = instances.filter(({ state }) => state !== 'gone');
  const tone = worstInstance(instances.map(({ state }) => state));
  const worst = there.toSorted((a, b) => (b.lagSeconds ?? Infinity) - (a.lagSeconds ?? Infinity))[0];
  const lag = worst?.lagSeconds ?? null;
  return (
    <Tile
      title={t.overview.tiles.replication}
      href={pathOf('replication')}
      tone={tone}
      state={worst === undefined ? t.none : wordFor(t.replication.states, worst.state)}
      value={lag === null ? '–' : lag === 0 ? t.overview.caughtUp : duration(lag * 1000)}
    >
      {worst === undefined
        ? t.overview.noInstances
        : `${t.overview.instances(there.length)}, ${
            lag === null ? t.overview.lagUnknown : lag === 0 ? t.overview.lagNone : t.overview.behind
          }`}
    </Tile>
  );
}

function DevicesTile({ devices }: { devices: Overview['devices'] }) {
  const { live, behind, stalled, offline } = devices;
  const inUse = live + behind + stalled + offline;
  const { tone, state } = devicesVerdict(devices);
  const parts = (
    [
      ['stalled', stalled],
      ['behind', behind],
      ['offline', offline],
      ['live', live],
    ] as const
  )
    .filter(([, n]) => n > 0)
    .map(([name, n]) => `${count(n)} ${wordFor(t.devices.states, name).toLowerCase()}`);
  return (
    <Tile
      title={t.overview.tiles.devices}
      href={pathOf('devices', undefined, stalled > 0 ? { state: 'stalled' } : {})}
      tone={tone}
      state={state === undefined ? t.none : wordFor(t.devices.states, state)}
      value={count(inUse)}
    >
      {inUse === 0 ? t.overview.noDevices : parts.join(', ')}
    </Tile>
  );
}

function OutboxTile({ outbox: { pending, stuckDevices } }: { outbox: Overview['outbox'] }) {
  return (
    <Tile
      title={t.overview.tiles.outbox}
      href={pathOf('devices', undefined, { sort: '-pending' })}
      tone={stuckDevices > 0 ? 'bad' : 'good'}
      state={stuckDevices > 0 ? t.overview.stuck : t.overview.flows}
      value={count(pending)}
    >
      {t.overview.pending(pending)},{' '}
      {stuckDevices > 0 ? t.overview.stuckDevices(stuckDevices) : t.overview.noneStuck}
    </Tile>
  );
}

function MutationsTile({ mutations }: { mutations: Overview['mutations'] }) {
  const { appliedLastHour, rejectedLastHour } = mutations;
  const all = appliedLastHour + rejectedLastHour;
  return (
    <Tile
      title={t.overview.tiles.mutations}
      href={pathOf('mutations', undefined, rejectedLastHour > 0 ? { status: 'rejected' } : {})}
      tone={rejectedLastHour > 0 ? 'warn' : all === 0 ? 'idle' : 'good'}
      state={
        rejectedLastHour > 0
          ? t.mutations.statuses['rejected']!
          : all === 0
            ? t.none
            : t.mutations.statuses['applied']!
      }
      value={count(all)}
    >
      {all === 0 ? t.overview.noMutations : t.overview.rejectedShare(rejectedLastHour, all)}
    </Tile>
  );
}

function FeedsTile({ feeds }: { feeds: Overview['feeds'] }) {
  const wrong = feeds.filter(({ state }) => state !== 'well');
  const worst = wrong.find(({ state }) => state === 'failing') ?? wrong[0];
  // One poll that failed is no alarm: that a feed gives nothing for long is told by an alert.
  const tone: Tone = worst !== undefined ? 'warn' : feeds.length === 0 ? 'idle' : 'good';
  return (
    <Tile
      title={t.overview.tiles.feeds}
      href={pathOf('feeds')}
      tone={tone}
      state={feeds.length === 0 ? t.none : wordFor(t.feeds.states, worst?.state ?? 'well')}
      value={count(feeds.length)}
    >
      {feeds.length === 0 ? t.overview.noFeeds : worst === undefined ? t.overview.feedsWell : worst.feed}
    </Tile>
  );
}

function JobsTile() {
  const followed = useShape('job_runs');
  const { tone, run } = jobsVerdict(runsOf(followed.rows));
  if (followed.at === 'loading' || (followed.at === 'refused' && run === undefined))
    return (
      <Tile title={t.overview.tiles.jobs} href={pathOf('jobs')} tone="idle" state={t.notMeasured} value="–">
        {followed.at === 'loading' ? t.loading : t.liveRefused}
      </Tile>
    );
  return (
    <Tile
      title={t.overview.tiles.jobs}
      href={run === undefined ? pathOf('jobs') : pathOf('jobs', run.id)}
      tone={tone}
      state={run === undefined ? t.none : wordFor(t.jobs.states, run.state)}
      value={run === undefined ? '–' : wordFor(t.jobs.jobNames, run.job)}
    >
      {run === undefined ? t.overview.noRuns : <Age at={run.finishedAtMs ?? run.startedAtMs} />}
    </Tile>
  );
}
