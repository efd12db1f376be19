import type { DeviceAnswer, DeviceCheck } from '@halo/shapes/protocol/inspector-devices.ts';
import { wordsOf } from './reason-words.ts';

/** Ids in the examples of the OpenAPI document. Tests have rows of these ids, and replay the examples. */
export const EXAMPLE_INSPECTED = {
  device: '01936d2a-0000-4000-8000-0000000000a1',
  user: '01936d2a-0000-7000-8000-0000000000a2',
  operator: '01936d2a-0000-7000-8000-0000000000a3',
  mutation: '01936d2a-0000-7000-8000-0000000000a4',
  check: '01936d2a-0000-7000-8000-0000000000a5',
} as const;

const AT = '2026-11-25T11:30:00.000Z';
const INSTANCE = '0123456789ab';
const USER = {
  id: EXAMPLE_INSPECTED.user,
  email: 'ada@halo.example',
  displayName: 'Ada',
  role: 'reporter' as const,
};

export const EXAMPLE_DEVICE: DeviceAnswer = {
  id: EXAMPLE_INSPECTED.device,
  knownBy: 'device',
  user: USER,
  appVersion: '0.1.0',
  firstSeenAt: AT,
  state: 'live',
  reason: wordsOf('up_to_date', undefined),
  since: AT,
  contact: { lastAt: AT, ageSeconds: 4.2, dueSeconds: 28, instances: [INSTANCE] },
  outbox: { pending: 0, rejected: 1, oldestSeconds: null, reportedSecondsAgo: 4.2, stuckSeconds: null },
  lastError: null,
  lastSeq: 12,
  behindBytes: 0,
  behindTransactions: 0,
  shapes: [
    {
      shape: 'incidents?region=01',
      name: 'incidents',
      phase: 'live',
      offset: '26713248_0',
      behindBytes: 0,
      behindTransactions: 0,
      behindSeconds: 0,
      askedSecondsAgo: 4.2,
      movedSecondsAgo: 24.3,
    },
  ],
};

export const EXAMPLE_CHECK: DeviceCheck = {
  id: EXAMPLE_INSPECTED.check,
  deviceId: EXAMPLE_INSPECTED.device,
  askedBy: EXAMPLE_INSPECTED.operator,
  askedAt: AT,
  sentAt: AT,
  answeredAt: AT,
  state: 'answered',
  right: true,
  answer: {
    shapes: [
      {
        ...{ shape: 'incidents?region=01', outcome: 'equal', offset: '26713248_0' },
        ...{ deviceRows: 118, serverRows: 118, rebuilt: false, errorCode: null },
      },
    ],
    errorCode: null,
  },
};

export const EXAMPLE_MUTATION = {
  ...{ id: EXAMPLE_INSPECTED.mutation, deviceId: EXAMPLE_INSPECTED.device, seq: 12, user: USER },
  ...{ type: 'report.create', status: 'rejected' as const, code: 'invalid_args' },
  ...{ message: 'severity: must be from 1 to 5', field: 'severity', claimedAt: AT, clockSuspect: false },
  settledAt: AT,
};

export const EXAMPLE_EVENT = {
  ...{ id: '7', at: AT, kind: 'came' as const, shape: null, code: null, times: 1 },
  instance: INSTANCE,
};

export const EXAMPLE_ROWS = {
  shape: 'my_watches',
  total: 1,
  columns: [
    { name: 'id', type: 'uuid' },
    { name: 'lat', type: 'float8' },
  ],
  rows: [[EXAMPLE_INSPECTED.mutation, '59.33']],
  redacted: true,
  nextCursor: null,
};

const ON_INSTANCE = {
  ...{
    instance: INSTANCE,
    reportedSecondsAgo: 2.1,
    views: 21,
    waiting: 118,
    snapshots: 3,
    snapshotRows: 900,
  },
  ...{ snapshotBytes: 412_000, tailBytes: 80_000, lastChangeAt: AT, messages: 3_120, messageBytes: 610_000 },
  ...{ snapshotsMade: 9, snapshotSeconds: 1.2 },
};

export const EXAMPLE_SHAPES = {
  shapes: [
    {
      ...{
        name: 'incidents',
        table: 'incidents',
        columns: [{ name: 'id', type: 'uuid' }],
        where: 'region = $1',
      },
      ...{ params: ['region'], readers: ['reporter' as const], personal: false, tableRows: 900 },
      ...{ tableBytes: 1_200_000, devices: 118, instances: [ON_INSTANCE] },
      views: [
        {
          ...{ instance: INSTANCE, handle: 'a1b2c3d4e5f6a7b8c9d0e1f2', params: ['01'], waiting: 64 },
          ...{ snapshotRows: 412, snapshotBytes: 180_000, snapshotAgeSeconds: 120, tailBytes: 40_000 },
          ...{ lastChangeAt: AT, lastUsedSecondsAgo: 0.1 },
        },
      ],
    },
  ],
  upstream: false,
};

export const EXAMPLE_REPLICATION = {
  headLsn: '26713248',
  epoch: { id: EXAMPLE_INSPECTED.check, since: AT },
  instances: [
    {
      ...{ id: INSTANCE, host: 'halo-1', version: '0.1.0', self: true, state: 'live' as const },
      reason: { text: 'Its log has all that Postgres had a moment ago.', textSv: 'Dess logg har allt.' },
      reportedSecondsAgo: 0,
      lag: { bytes: 0, seconds: 0, provedSecondsAgo: 1.4, contactSecondsAgo: 1.4 },
      ...{ position: '26713247', undispatchedBytes: 0 },
      log: { bytes: 8_400_000, startLsn: '26000000', epoch: '0123456789abcdef' },
      slot: {
        ...{ name: `halo_${INSTANCE}`, active: true, walStatus: 'reserved', confirmedLsn: '26713248' },
        ...{ retainedBytes: 16_384, safeBytes: null },
      },
    },
  ],
  events: [
    { at: AT, instance: INSTANCE, kind: 'reset' as const, code: 'slot_lost', message: null, times: 1 },
  ],
};

export const EXAMPLE_FEEDS = {
  feeds: [
    {
      ...{
        feed: 'polisen',
        state: 'well' as const,
        lastGoodAt: AT,
        lastGoodSecondsAgo: 140,
        items: 500,
        withdrawn: 3,
      },
      day: { polls: 288, anomalous: 0, failed: 1, itemsNew: 61, itemsChanged: 9, itemsWithdrawn: 0 },
      polls: [
        {
          ...{
            startedAt: AT,
            finishedAt: AT,
            outcome: 'applied' as const,
            reason: null,
            httpStatus: 200,
            items: 500,
          },
          ...{ itemsNew: 1, itemsChanged: 0, itemsWithdrawn: 0 },
        },
      ],
    },
  ],
};

export const EXAMPLE_OVERVIEW = {
  ...{ at: AT, verdict: 'needs_action' as const, since: AT },
  findings: [
    {
      ...{ code: 'alert_backup_failed', severity: 'critical' as const },
      text: 'Backups are not in order (backup). The run that ended at 2026-11-25T01:16:02.000Z failed: backup_place_full.',
      textSv:
        'Säkerhetskopiorna är inte i ordning (backup). The run that ended at 2026-11-25T01:16:02.000Z failed: backup_place_full.',
      alertId: '01980a3c-7c00-7000-8000-000000000902',
    },
  ],
  devices: { live: 118, behind: 2, stalled: 0, offline: 31, revoked: 4 },
  outbox: { pending: 3, rejected: 1, stuckDevices: 0 },
  mutations: { appliedLastHour: 44, rejectedLastHour: 1 },
  instances: [{ id: INSTANCE, state: 'live' as const, lagBytes: 0, lagSeconds: 0 }],
  feeds: [{ feed: 'polisen', state: 'well' as const }],
};

export const EXAMPLE_HISTORY = {
  ...{ from: '2026-11-25T05:30:00.000Z', to: AT, stepSeconds: 300 },
  points: [
    {
      ...{ at: '2026-11-25T05:30:00.000Z', minutes: 5, verdict: 'replication_behind' as const },
      lag: { bytes: 81_920, seconds: 12.4, instance: INSTANCE },
      retainedBytes: 16_777_216,
      devices: { live: 118, behind: 2, stalled: 0, offline: 31, revoked: 4 },
      outbox: { pending: 3, rejected: 1, stuckDevices: 0 },
      mutations: { applied: 4, rejected: 1 },
    },
  ],
};
