import { expect, it } from 'vitest';
import { createLogger } from '../../platform/logger.ts';
import type { AlertRecord } from './alert.ts';
import { createWebhook } from './webhook.ts';

const at = new Date('2026-11-25T11:00:00Z');
const record: AlertRecord = {
  ...{ id: '01980a3c-7c00-7000-8000-000000000901', name: 'backup_failed', subject: 'backup' },
  ...{ instance: 'here', what: 'It failed.', since: at, raisedAt: at, tellFrom: at },
  ...{ toldAt: null, clearedAt: null, clearToldAt: null },
};

it('is tried also while it is left alone, and is told what waits once a trial was taken', async () => {
  const answers = [500, 500, 200, 200];
  let asked = 0;
  const webhook = createWebhook({
    ...{ url: 'https://chat.example/hook', format: 'json', random: () => 1, logger: createLogger('silent') },
    places: { publicUrl: undefined, runbookUrl: undefined },
    fetch: () => Promise.resolve(new Response(null, { status: answers[asked++]! })),
    backoff: { firstMs: 3_600_000, maxMs: 3_600_000 },
  });
  const { signal } = new AbortController();
  const tell = () => webhook.tell({ kind: 'raised', record }, signal);
  expect([await tell(), await tell(), asked]).toEqual([false, false, 1]);
  expect([await webhook.trial(signal), await tell(), asked]).toEqual(['it answered 500', false, 2]);
  expect([await webhook.trial(signal), await tell(), asked]).toEqual([undefined, true, 4]);
  // Trials are no alerts.
  expect(webhook.counts()).toEqual({ told: 1, failed: 1 });
});
