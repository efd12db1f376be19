import { expect, it } from 'vitest';
import type { AlertRecord } from './alert.ts';
import { messageOf, trialMessageOf } from './message.ts';
import type { AlertPlaces } from './places.ts';

const RECORD: AlertRecord = {
  id: '01980a3c-7c00-7000-8000-000000000901',
  name: 'slot_near_limit',
  subject: 'halo_<1>',
  instance: 'host & co/1',
  what: 'It holds 3 GiB of WAL.',
  since: new Date('2026-11-25T11:00:00Z'),
  raisedAt: new Date('2026-11-25T11:01:00Z'),
  tellFrom: new Date('2026-11-25T11:01:00Z'),
  toldAt: null,
  clearedAt: new Date('2026-11-25T11:30:00Z'),
  clearToldAt: null,
};

const UNSAID: AlertPlaces = { publicUrl: undefined, runbookUrl: undefined };
const SAID: AlertPlaces = {
  publicUrl: 'https://halo.example',
  runbookUrl: 'https://docs.example/runbook?a=1&b=2',
};

it('says in plain JSON what, since when, how bad, seen by whom, and where it is written what to do', () => {
  expect(messageOf({ kind: 'raised', record: RECORD }, 'json', UNSAID)).toEqual({
    event: 'raised',
    id: RECORD.id,
    alert: 'slot_near_limit',
    severity: 'critical',
    subject: 'halo_<1>',
    instance: 'host & co/1',
    what: 'It holds 3 GiB of WAL.',
    since: '2026-11-25T11:00:00.000Z',
    raisedAt: '2026-11-25T11:01:00.000Z',
    clearedAt: null,
    runbook: 'docs/runbook.md#slot_near_limit',
    url: null,
  });
  expect(messageOf({ kind: 'cleared', record: RECORD }, 'json', UNSAID)).toMatchObject({
    event: 'cleared',
    clearedAt: '2026-11-25T11:30:00.000Z',
  });
});

it('says the same to Slack, without what it takes for marks', () => {
  const raised = messageOf({ kind: 'raised', record: RECORD }, 'slack', UNSAID);
  expect(raised).toMatchObject({
    text:
      '*CRITICAL: slot_near_limit* (halo_&lt;1&gt;)\nIt holds 3 GiB of WAL.\n' +
      'Since 2026-11-25T11:00:00.000Z · seen by host &amp; co/1 · what to do: docs/runbook.md#slot_near_limit',
    attachments: [{ color: 'danger' }],
  });
  const cleared = messageOf({ kind: 'cleared', record: RECORD }, 'slack', UNSAID);
  expect(cleared).toMatchObject({ attachments: [{ color: 'good' }] });
  expect(cleared['text']).toContain('*Over: slot_near_limit*');
  expect(cleared['text']).toContain('to 2026-11-25T11:30:00.000Z');
});

it('leads whoever is called to the page of the alert and to the words of the runbook', () => {
  for (const kind of ['raised', 'cleared'] as const) {
    expect(messageOf({ kind, record: RECORD }, 'json', SAID)).toMatchObject({
      runbook: 'https://docs.example/runbook?a=1&b=2#slot_near_limit',
      url: `https://halo.example/console/alerts/${RECORD.id}`,
    });
    const lines = String(messageOf({ kind, record: RECORD }, 'slack', SAID)['text']).split('\n');
    expect(lines[2]).toMatch(/ · what to do: https:\/\/docs\.example\/runbook\?a=1&amp;b=2#slot_near_limit$/);
    expect(lines[3]).toBe(`In the console: https://halo.example/console/alerts/${RECORD.id}`);
  }
});

it('says of a trial that nothing is wrong, and is no event of any alert', () => {
  const what = expect.stringMatching(/trial.*Nothing is wrong/) as string;
  expect(trialMessageOf('json', UNSAID)).toEqual({ event: 'trial', what, url: null });
  expect(trialMessageOf('json', SAID)).toMatchObject({ url: 'https://halo.example/console/alerts' });
  expect(trialMessageOf('slack', UNSAID)).toEqual({ text: what });
  expect(trialMessageOf('slack', SAID)['text']).toMatch(/\nhttps:\/\/halo\.example\/console\/alerts$/);
});
