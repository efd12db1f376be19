import { describe, expect, it } from 'vitest';
import { ALERT_WORDS } from '@halo/shapes/protocol/alert-words.ts';
import { INSTANCE_STATES, VERDICTS } from '@halo/shapes/protocol/inspector.ts';
import type { DeviceAnswer } from '@halo/shapes/protocol/inspector-devices.ts';
import { ALERT_NAMES } from '../operations/alerts/alert.ts';
import { EXAMPLE_DEVICE } from './examples.ts';
import { findingsOf, verdictOf } from './findings.ts';
import type { Facts } from './findings.ts';
import type { InstanceView } from './instances.ts';
import type { OpenAlert } from './open-alerts.ts';

const MINUTE_MS = 60_000;

const alert = (
  name: string,
  severity: OpenAlert['severity'],
  untoldMs: OpenAlert['untoldMs'] = null,
): OpenAlert => ({
  ...{ id: `of ${name}`, name, severity, subject: 'here', what: 'It is so.', untoldMs },
});
const instance = (state: InstanceView['state']): InstanceView => ({
  ...{ id: 'a', self: true, host: null, state, upstream: false, reportedAge: 0, lagMs: 1_000, lagBytes: 0 },
  report: null,
});
const fleetOf = (devices: readonly DeviceAnswer[]): Facts['fleet'] => {
  const counts = { live: 0, behind: 0, stalled: 0, offline: 0, revoked: 0 };
  for (const { state } of devices) counts[state] += 1;
  return { devices, counts, truncated: false };
};
const devices = (n: number, state: DeviceAnswer['state']) =>
  Array.from({ length: n }, () => ({ ...EXAMPLE_DEVICE, state }));
const oneByOne = (n: number) =>
  devices(n, 'offline').map((device, i) => ({
    ...device,
    contact: { ...device.contact, ageSeconds: 60 + 240 * i },
  }));
const WELL: Facts = {
  ...{ fleet: fleetOf(devices(9, 'live')), instances: [instance('live')], alerts: [] },
  feeds: [{ feed: 'polisen', state: 'well' }],
};

describe('the verdict over the whole', () => {
  it.each<[string, Partial<Facts>, string]>([
    ['nothing is wrong', {}, 'well'],
    ['a warning is open', { alerts: [alert('scoring_failed', 'warning')] }, 'needs_a_look'],
    [
      'a critical alert is open beside warnings',
      { alerts: [alert('job_overdue', 'warning'), alert('backup_failed', 'critical')] },
      'needs_action',
    ],
    [
      'a warning is open that the webhook may be about to take',
      { alerts: [alert('scoring_failed', 'warning', 5 * MINUTE_MS - 1)] },
      'needs_a_look',
    ],
    [
      'a warning is open that nobody was told of',
      { alerts: [alert('scoring_failed', 'warning', 5 * MINUTE_MS)] },
      'needs_action',
    ],
    ['a feed rests, or is turned off', { feeds: [{ feed: 'polisen', state: 'overdue' }] }, 'well'],
    ['one poll of a feed failed', { feeds: [{ feed: 'polisen', state: 'failing' }] }, 'well'],
    [
      'a feed is late by its schedule, which is an alert',
      { feeds: [{ feed: 'polisen', state: 'overdue' }], alerts: [alert('feed_silent', 'warning')] },
      'needs_a_look',
    ],
    ['every device fell silent at once', { fleet: fleetOf(devices(9, 'offline')) }, 'needs_a_look'],
    ['every device fell silent, one after the other', { fleet: fleetOf(oneByOne(9)) }, 'well'],
    [
      'a few devices are silent',
      { fleet: fleetOf([...devices(9, 'live'), ...devices(3, 'offline')]) },
      'well',
    ],
    ['a device is stalled', { fleet: fleetOf(devices(1, 'stalled')) }, 'devices_need_a_look'],
    ['an instance is behind', { instances: [instance('behind')] }, 'replication_behind'],
    ['an instance has been stopped', { instances: [instance('live'), instance('gone')] }, 'well'],
    [
      'an instance follows Postgres no more, and an alert says so',
      { instances: [instance('silent')], alerts: [alert('replication_stopped', 'critical')] },
      'replication_down',
    ],
  ])('%s', (_, changes, verdict) => {
    const facts = { ...WELL, ...changes };
    expect(verdictOf(facts)).toBe(verdict);
    // Whatever is wrong is said, and nothing is called wrong where all is well.
    const wrong = findingsOf(facts).filter(({ severity }) => severity !== 'note');
    expect(wrong.length === 0).toBe(verdict === 'well');
  });

  it('is never better for one thing more that is wrong', () => {
    const parts: Partial<Facts>[] = [
      {},
      { alerts: [alert('job_overdue', 'warning')] },
      { alerts: [alert('error_rate', 'critical')] },
      { alerts: [alert('job_overdue', 'warning', 9 * MINUTE_MS)] },
      { feeds: [{ feed: 'polisen', state: 'overdue' }] },
      { fleet: fleetOf([...devices(1, 'stalled'), ...devices(9, 'offline')]) },
      ...INSTANCE_STATES.map((state) => ({ instances: [instance(state)] })),
    ];
    const rank = (facts: Partial<Facts>) => VERDICTS.indexOf(verdictOf({ ...WELL, ...facts }));
    for (const one of parts)
      for (const other of parts) {
        const isBoth = Object.keys(one).every((key) => !(key in other));
        if (isBoth) expect(rank({ ...one, ...other })).toBe(Math.max(rank(one), rank(other)));
      }
  });
});

describe('findings', () => {
  it('have open alerts first, the critical ones before all, and notes last', () => {
    const found = findingsOf({
      fleet: fleetOf([...devices(1, 'stalled'), ...devices(2, 'offline')]),
      instances: [instance('gone'), instance('disconnected')],
      feeds: [{ feed: 'polisen', state: 'overdue' }],
      alerts: [alert('job_overdue', 'warning'), alert('of_next_year', 'critical')],
    });
    expect(found.map(({ code, severity, alertId }) => [code, severity, alertId])).toEqual([
      ['alert_of_next_year', 'critical', 'of of_next_year'],
      ['alert_job_overdue', 'warning', 'of job_overdue'],
      ['replication_disconnected', 'critical', null],
      ['devices_stalled', 'warning', null],
      ['replication_gone', 'note', null],
      ['devices_offline', 'note', null],
      ['feed_overdue', 'note', null],
    ]);
    expect(found[0]!.text).toBe('of_next_year (here). It is so.');
  });

  it('say once, after the alerts themselves, that the webhook took none, of how many and since when', () => {
    const alerts = [
      alert('job_overdue', 'warning', 7.9 * MINUTE_MS),
      alert('backup_failed', 'critical', 5 * MINUTE_MS),
      alert('feed_silent', 'warning', MINUTE_MS),
      alert('scoring_failed', 'warning'),
    ];
    const found = findingsOf({ ...WELL, alerts });
    expect(found.map(({ code }) => code)).toEqual([
      ...['alert_backup_failed', 'alert_job_overdue', 'alert_feed_silent', 'alert_scoring_failed'],
      'alerts_untold',
    ]);
    expect(found.at(-1)).toMatchObject({
      severity: 'critical',
      alertId: null,
      text: expect.stringContaining('2 of them, the first 7 minutes ago') as string,
      textSv: expect.stringContaining('2 stycken, det första för 7 minuter sedan') as string,
    });
  });
});

it('every alert has its words in both languages', () => {
  expect(Object.keys(ALERT_WORDS).toSorted()).toEqual([...ALERT_NAMES].toSorted());
});
