import { describe, expect, it } from 'vitest';
import { ALERT_LIMITS } from './facts.ts';
import type { InstanceFacts, RunFacts, SharedFacts, SlotFacts } from './facts.ts';
import { AnswerWindow } from './answer-window.ts';
import { judgeInstance } from './judge-instance.ts';
import { judgeShared } from './judge-shared.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const MINUTE = 60_000;
const GIB = 1024 ** 3;
const ago = (ms: number) => new Date(NOW - ms);

const NOTHING = {
  slots: [],
  feeds: [],
  jobs: [],
  runs: [],
  champions: { trained: 0, oldestCutOff: null, fallenBack: 0, computedAt: null },
  outboxes: {
    pending: 0,
    rejected: 0,
    devices: { under_10_min: 0, under_1_h: 0, under_1_d: 0, over_1_d: 0 },
  },
  stalled: [],
} satisfies SharedFacts;
const SLOT: SlotFacts = {
  name: 'halo_000000000001',
  active: true,
  walStatus: 'reserved',
  retainedBytes: 0,
  safeBytes: 4 * GIB,
  limitBytes: 4 * GIB,
};

const NOBODY = { feeds: [], jobs: [] };

function verdictOf(
  name: string,
  facts: Partial<SharedFacts>,
  expected: Partial<Parameters<typeof judgeShared>[1]> = {},
) {
  const findings = judgeShared({ ...NOTHING, ...facts }, { ...NOBODY, ...expected }, ALERT_LIMITS, NOW);
  return findings.find((finding) => finding.name === name)?.verdict;
}

describe('what lies in Postgres', () => {
  it.each<[string, Partial<SlotFacts>, string]>([
    ['with all its room', {}, 'good'],
    ['with half of it', { safeBytes: 2 * GIB }, 'good'],
    ['between the bounds', { safeBytes: 1.3 * GIB }, 'unsure'],
    ['with a quarter left', { safeBytes: 1 * GIB }, 'bad'],
    ['about to be lost', { walStatus: 'unreserved', safeBytes: 3 * GIB }, 'bad'],
    ['lost', { walStatus: 'lost', safeBytes: null, retainedBytes: null }, 'bad'],
    ['without a limit, and little kept', { limitBytes: null, safeBytes: null, retainedBytes: GIB }, 'good'],
    ['without a limit, and much kept', { limitBytes: null, safeBytes: null, retainedBytes: 8 * GIB }, 'bad'],
  ])('a slot %s', (_, changes, verdict) => {
    expect(verdictOf('slot_near_limit', { slots: [{ ...SLOT, ...changes }] })).toBe(verdict);
  });

  it.each<[RunFacts['state'], string]>([
    ['succeeded', 'good'],
    ['failed', 'bad'],
    ['abandoned', 'bad'],
  ])('a run that has %s', (state, verdict) => {
    const run = { state, finishedAt: ago(MINUTE), errorCode: null, lastSucceededAt: null };
    const runs = ['retrain', 'score', 'backup', 'retention', 'unknown'].map((job) => ({ job, ...run }));
    const names = ['retraining_failed', 'scoring_failed', 'backup_failed', 'retention_failed'];
    expect(names.map((name) => verdictOf(name, { runs }))).toEqual(names.map(() => verdict));
    expect(judgeShared({ ...NOTHING, runs }, NOBODY, ALERT_LIMITS, NOW)).toHaveLength(7);
  });

  it.each<[number | null, string]>([
    [null, 'good'],
    [62, 'good'],
    [64, 'bad'],
  ])('a champion that has learnt nothing for %s days', (days, verdict) => {
    const oldestCutOff = days === null ? null : ago(days * 24 * 60 * MINUTE);
    expect(
      verdictOf('champion_kept_long', { champions: { ...NOTHING.champions, trained: 1, oldestCutOff } }),
    ).toBe(verdict);
  });

  it.each([
    [0, 'good'],
    [1, 'bad'],
  ])('%s series whose model could not be used', (fallenBack, verdict) => {
    const champions = { ...NOTHING.champions, trained: 1, fallenBack };
    expect(verdictOf('model_unusable', { champions })).toBe(verdict);
  });
});

it('devices that get no further are one alert, which names the first of them and counts the rest', () => {
  const device = (minutes: number) => ({
    id: `device-${minutes}`,
    reason: 'no_progress',
    shape: 'incidents?region=01',
    sinceMs: NOW - minutes * MINUTE,
  });
  const findingOf = (stalled: SharedFacts['stalled']) =>
    judgeShared({ ...NOTHING, stalled }, NOBODY, ALERT_LIMITS, NOW).find(
      ({ name }) => name === 'devices_stalled',
    );
  expect(findingOf([])).toMatchObject({ verdict: 'good' });
  expect(findingOf(undefined)).toMatchObject({ verdict: 'unsure' });
  const found = findingOf([9, 8, 7, 7, 6, 5, 5].map(device));
  expect(found).toMatchObject({ subject: 'devices', verdict: 'bad', since: ago(9 * MINUTE) });
  expect(found!.what).toMatch(
    /no further: 7: device-9 \(no_progress of incidents\?region=01, for 9 min\), .* and 2 more\.$/,
  );
});

describe('how an instance fares', () => {
  const WELL: InstanceFacts = {
    postgresAnswers: true,
    unread: [],
    isUntried: false,
    replication: { state: 'live', seconds: 0 },
    answered: { total: 1_000, failed: 0, isWhole: true },
    sessions: { present: 10, silent: 0, isWhole: true },
  };

  const WITHOUT_POSTGRES = {
    postgres_down: 'bad',
    replication_stopped: 'unsure',
    alerts_blind: 'unsure',
    devices_silent: 'unsure',
  };

  it.each<[string, Partial<InstanceFacts>, Record<string, string>]>([
    ['is well', {}, {}],
    ['is behind', { replication: { state: 'behind', seconds: 300 } }, {}],
    ['hears nothing', { replication: { state: 'silent', seconds: 25 } }, { replication_stopped: 'bad' }],
    ['has no stream', { replication: { state: 'disconnected', seconds: 5 } }, { replication_stopped: 'bad' }],
    [
      'has no Postgres',
      { postgresAnswers: false, replication: { state: 'postgres_down', seconds: 9 } },
      WITHOUT_POSTGRES,
    ],
    [
      'has lost its stream with Postgres',
      { postgresAnswers: false, replication: { state: 'disconnected', seconds: 1 } },
      WITHOUT_POSTGRES,
    ],
    [
      'fails at one in twenty',
      { answered: { total: 1_000, failed: 50, isWhole: true } },
      { error_rate: 'bad' },
    ],
    [
      'fails at one in thirty',
      { answered: { total: 1_000, failed: 33, isWhole: true } },
      { error_rate: 'unsure' },
    ],
    ['fails at all of a few', { answered: { total: 19, failed: 19, isWhole: true } }, {}],
    [
      'loses most sessions',
      { sessions: { present: 4, silent: 5, isWhole: true } },
      { devices_silent: 'bad' },
    ],
    [
      'hears nobody since Postgres is away',
      {
        postgresAnswers: false,
        replication: { state: 'postgres_down', seconds: 120 },
        sessions: { present: 0, silent: 50, isWhole: true },
      },
      WITHOUT_POSTGRES,
    ],
    [
      'has its Postgres again, and those not yet whom it sent away',
      {
        answered: { total: 500, failed: 300, isWhole: true },
        sessions: { present: 20, silent: 30, isWhole: true },
      },
      { error_rate: 'bad', devices_silent: 'unsure' },
    ],
    [
      'has sent away fewer than fell silent',
      {
        answered: { total: 500, failed: 29, isWhole: true },
        sessions: { present: 20, silent: 30, isWhole: true },
      },
      { error_rate: 'bad', devices_silent: 'bad' },
    ],
    [
      'fails now and then, and loses most sessions',
      {
        answered: { total: 10_000, failed: 40, isWhole: true },
        sessions: { present: 20, silent: 30, isWhole: true },
      },
      { devices_silent: 'bad' },
    ],
    ['loses some sessions', { sessions: { present: 6, silent: 5, isWhole: true } }, {}],
    [
      'has just started, and has heard of few',
      {
        answered: { total: 19, failed: 0, isWhole: false },
        sessions: { present: 4, silent: 0, isWhole: false },
      },
      { error_rate: 'unsure', devices_silent: 'unsure' },
    ],
    [
      'has just started, and has heard of many',
      {
        answered: { total: 20, failed: 0, isWhole: false },
        sessions: { present: 5, silent: 0, isWhole: false },
      },
      {},
    ],
    ['could not tell, and has not tried again', { isUntried: true }, { alerts_blind: 'unsure' }],
    ['cannot read a part', { unread: ['slots'] }, { alerts_blind: 'bad' }],
    ['loses the only one', { sessions: { present: 0, silent: 1, isWhole: true } }, {}],
  ])('that %s', (_, changes, others) => {
    const findings = judgeInstance({ ...WELL, ...changes }, 'one', ALERT_LIMITS);
    const verdicts = Object.fromEntries(findings.map(({ name, verdict }) => [name, verdict]));
    const good = {
      postgres_down: 'good',
      replication_stopped: 'good',
      error_rate: 'good',
      devices_silent: 'good',
      alerts_blind: 'good',
    };
    expect(verdicts).toEqual({ ...good, ...others });
  });

  it('that follows nothing has no replication to stop', () => {
    const findings = judgeInstance({ ...WELL, replication: undefined }, 'one', ALERT_LIMITS);
    expect(findings.map(({ name }) => name)).not.toContain('replication_stopped');
  });
});

it('what was answered counts for as long as the window', () => {
  const window = new AnswerWindow(5 * MINUTE);
  const at = (minute: number, total: number, failed: number) =>
    window.add(minute * MINUTE, { total, failed });
  expect(at(0, 100, 9)).toEqual({ total: 0, failed: 0, isWhole: false });
  expect(at(2, 150, 9)).toEqual({ total: 50, failed: 0, isWhole: false });
  expect(at(5, 200, 19)).toEqual({ total: 100, failed: 10, isWhole: true });
  expect(at(7, 210, 19)).toEqual({ total: 60, failed: 10, isWhole: true });
  expect(at(60, 210, 19)).toEqual({ total: 0, failed: 0, isWhole: true });
});
