import { describe, expect, it } from 'vitest';
import { ALERT_WORDS } from '@halo/shapes/protocol/alert-words.ts';
import type { AlertAnswer } from '@halo/shapes/protocol/alerts.ts';
import { alertWords, isAddress, seenOn, trialWords } from './alert-words.ts';
import { findAlert, mayChange } from './find-alert.ts';

const alert = (id: string): AlertAnswer => ({
  ...{ id, name: 'backup_failed', severity: 'critical', subject: 'backup', instance: 'here', what: '' },
  ...{ since: '', raisedAt: '', toldAt: null, clearedAt: null, runbook: 'docs/runbook.md#backup_failed' },
});

describe('an alert', () => {
  it('has its words, and one that this version does not know has its name', () => {
    expect(alertWords('backup_failed').title).toBe('Backups are not in order');
    expect(alertWords('of_next_year')).toEqual({ title: 'of next year', means: '' });
  });

  it('leads to where one sees what it is about, unless nothing here shows that', () => {
    const without = Object.keys(ALERT_WORDS).filter((name) => seenOn(name) === undefined);
    expect(without).toEqual(['error_rate', 'alerts_blind']);
    expect(seenOn('devices_stalled')?.href).toBe('/console/devices?state=stalled');
  });

  it('links to the runbook only where that is an address', () => {
    const places = ['docs/runbook.md#x', 'https://docs.example/runbook#x', 'javascript:alert(1)'];
    expect(places.map(isAddress)).toEqual([false, true, false]);
  });

  it('is told for a trial with what came of it', () => {
    expect(trialWords({ outcome: 'taken', reason: null })).toMatch(/^The webhook took it\./);
    expect(trialWords({ outcome: 'refused', reason: 'it answered 404' })).toContain(': it answered 404.');
    expect(trialWords({ outcome: 'no_webhook', reason: null })).toMatch(/^No webhook is set/);
  });

  it('is looked for again until it is over', () => {
    const open = alert('a');
    const over = { ...open, clearedAt: '2026-11-25T12:00:00.000Z' };
    expect([null, open, over].map(mayChange)).toEqual([true, true, false]);
  });

  it('is found on whatever page it is, and is none where the list ends or has no end', async () => {
    const pages = [['a', 'b'], ['c'], ['d']];
    const asked: (string | null)[] = [];
    const read = (cursor: string | null) => {
      asked.push(cursor);
      const at = Number(cursor ?? 0);
      const nextCursor = at + 1 < pages.length ? String(at + 1) : null;
      return Promise.resolve({ alerts: pages[at]!.map(alert), nextCursor });
    };
    expect((await findAlert('c', read))?.id).toBe('c');
    expect(asked).toEqual([null, '1']);
    expect(await findAlert('e', read)).toBeNull();
    const endless = () => Promise.resolve({ alerts: [], nextCursor: 'on' });
    expect(await findAlert('e', endless)).toBeNull();
  });
});
