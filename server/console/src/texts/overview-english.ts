import { count } from './format.ts';

/** Words of the overview. */
export const overviewEnglish = {
  lead: 'What needs a look now, and since when.',
  verdicts: {
    well: 'All is well',
    needs_a_look: 'Something needs a look',
    devices_need_a_look: 'Some devices need a look',
    replication_behind: 'Replication is behind',
    needs_action: 'Something needs action now',
    replication_down: 'Replication is down',
  } as Readonly<Record<string, string>>,
  wellLead: 'Every device that is there has what the server has, or is on its way.',
  severities: { critical: 'Critical', warning: 'Warning', note: 'Note' },
  moreFindings: (n: number) => (n === 1 ? '1 more' : `${count(n)} more`),
  unknown: 'How it all fares is not known',
  tiles: {
    replication: 'Replication',
    devices: 'Devices',
    outbox: 'Waiting on devices',
    mutations: 'Mutations, last hour',
    feeds: 'Feeds',
    jobs: 'Jobs',
  },
  caughtUp: 'Up to date',
  behind: 'behind',
  stuck: 'Stuck',
  flows: 'Flowing',
  lagNone: 'has everything',
  lagUnknown: 'lag not known',
  noInstances: 'No instance tells of itself',
  instances: (n: number) => (n === 1 ? '1 instance' : `${count(n)} instances`),
  noDevices: 'No device has been heard yet',
  pending: (n: number) => (n === 1 ? '1 mutation waits' : `${count(n)} mutations wait`),
  stuckDevices: (n: number) => (n === 1 ? 'stuck on 1 device' : `stuck on ${count(n)} devices`),
  noneStuck: 'none is stuck',
  rejectedShare: (n: number, all: number) => `${count(n)} rejected of ${count(all)}`,
  noMutations: 'none was sent',
  noFeeds: 'No feed has been polled yet',
  feedsWell: 'all well',
  noRuns: 'No run yet',
  sinceAt: (time: string) => `since ${time}`,
  history: 'What has been',
  range: 'How far back',
  ranges: { '1h': '1 hour', '6h': '6 hours', '24h': '24 hours', '7d': '7 days' },
  devicesNow: 'Devices now',
  charts: {
    verdicts: 'What was wrong, and when',
    verdictsLead: 'Each step shows the worst minute of it. Halo looks once a minute.',
    verdictsSummary: (n: number, text: string) =>
      n === 0
        ? 'Nothing was wrong.'
        : n === 1
          ? 'Something was wrong once.'
          : `Something was wrong ${text} times.`,
    notWritten: 'Nobody looked',
    lag: 'Replication lag',
    lagLead: 'Age of the last moment at which the log had everything. It grows while nobody knows.',
    worstLag: (lag: string, at: string, instance: string) => `Most: ${lag}, ${at}, instance ${instance}.`,
    states: 'Devices by state',
    statesLead: 'A state that grows has its beginning here.',
    silent: 'When devices fell silent, last 24 hours',
    silentLead: 'Devices that are silent now, by the hour in which they were last heard.',
    silentSummary: (n: number) =>
      `${count(n)} devices fell silent within the last 24 hours and are silent still.`,
    mutations: 'Mutations by result',
    mutationsLead: 'By when they were settled, and below why the newest were rejected.',
    mutationsSummary: (applied: number, rejected: number) =>
      `${count(applied)} applied and ${count(rejected)} rejected.`,
    outboxes: 'Waiting on devices',
    outboxesLead:
      'Mutations in outboxes, as devices last reported: what waits, and what was rejected and lies there.',
    outbox: { pending: 'Waiting', rejected: 'Rejected' },
    wal: 'WAL kept for replication',
    walLead:
      'What Postgres keeps on its disk for the instance that confirms last. It grows while that one stands still.',
    walKept: 'WAL',
    seconds: 'Lag',
    devices: 'Devices',
  },
  rejectedNow: 'Rejected lately, by reason',
  outboxAges: 'Outboxes by the age of their oldest entry',
  outboxAgesLead: (n: number) => `By the devices’ own clocks, of the ${count(n)} that need a look first.`,
  ages: ['under 1 min', '1–10 min', '10–60 min', '1–24 h', 'over 1 day'],
  nothingWaits: 'No outbox has anything to send',
};
