import { CHECK_HEADER, DEVICE_HEADER } from '@halo/shapes/protocol/headers.ts';
import {
  deviceReportSchema,
  MAX_CHECKED_SHAPES,
  MAX_DEVICE_HEADER,
} from '@halo/shapes/protocol/device-report.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import type { HaloStatus, ShapeVerification } from '../api.ts';
import type { StoredMutation } from '../outbox/outbox-store.ts';
import type { SettingsStore } from '../platform/device-store.ts';
import { loadIdentity } from './device-identity.ts';
import { DeviceReporter } from './device-reporter.ts';
import type { ReporterOptions, ReportingLoop } from './device-reporter.ts';
import type { HttpRequest } from './http.ts';
import type { AuthorizedOutcome } from './session.ts';

const CHECK = '01936d2a-0000-7000-8000-0000000000a5';
const NOW = Date.UTC(2026, 2, 3, 12);

let nowMs: number;
let status: Status;
let pending: readonly Pick<StoredMutation, 'createdAt'>[];
let verify: ReportingLoop['verify'];
let answer: AuthorizedOutcome;
let sent: Omit<HttpRequest, 'token'>[];
let settings: SettingsStore;
let ended: AbortController;
beforeEach(() => {
  nowMs = NOW;
  status = { outbox: { pending: 0, rejected: 0 }, error: undefined, replica: {}, streams: [] };
  pending = [];
  verify = () => Promise.resolve([]);
  answer = answered(204);
  sent = [];
  const kept = new Map<string, string>();
  settings = {
    get: (name) => Promise.resolve(kept.get(name)),
    set: (name, value) => Promise.resolve(void kept.set(name, value)),
    delete: (name) => Promise.resolve(void kept.delete(name)),
  };
  ended = new AbortController();
});
interface Status {
  outbox: { pending: number; rejected: number };
  error: { code: string } | undefined;
  replica: { error?: { code: string } };
  streams: { error?: { code: string } }[];
}

const answered = (code: number, headers: Record<string, string> = {}): AuthorizedOutcome => ({
  ...{ kind: 'answered', status: code, headers: new Headers(headers), text: '' },
});
/** What waits in promises is done. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

async function openReporter(app: ReporterOptions['app'] = {}): Promise<DeviceReporter> {
  const reporter = new DeviceReporter(
    {
      ...{ url: 'http://halo/', account: 'ada', app, settings },
      outbox: { pending: () => Promise.resolve(pending as StoredMutation[]) },
      board: { status: () => status as unknown as HaloStatus },
      environment: { now: () => nowMs },
    },
    {
      verify: (signal) => verify(signal),
      request: (request) => {
        sent.push(request);
        return Promise.resolve(answer);
      },
    },
    ended.signal,
  );
  await settled();
  return reporter;
}
const idOf = async () => (await loadIdentity(settings, 'ada')).deviceId;
/** As the server reads it. */
const read = (says: string | undefined) =>
  deviceReportSchema.parse(Object.fromEntries(new URLSearchParams(says)));

describe('what a device says', () => {
  it('is nothing before it has an id, and its id when it has one', async () => {
    const reporter = await openReporter();
    expect(reporter.says()).toBeUndefined();
    const id = await idOf();
    expect(reporter.says()).toBeUndefined();
    await settled();
    expect(read(reporter.says())).toEqual({ id, p: 0, r: 0 });
  });

  it('is the version, what waits and for how long, and what is wrong, in what the server reads', async () => {
    const id = await idOf();
    pending = [{ createdAt: new Date(NOW - 90_400).toISOString() }];
    status.outbox = { pending: 2, rejected: 1 };
    status.replica = { error: { code: 'replica_full' } };
    const reporter = await openReporter({ appVersion: 'v'.repeat(99) });
    expect(read(reporter.says())).toEqual({ id, p: 2, r: 1, o: 90, v: 'v'.repeat(40), e: 'replica_full' });
    expect(reporter.says()!.length).toBeLessThanOrEqual(MAX_DEVICE_HEADER);
    nowMs = NOW - 3_600_000;
    // The clock was set back: no age is below nothing.
    expect(read(reporter.says()).o).toBe(0);
    status.outbox.pending = 0;
    expect(read(reporter.says()).o).toBeUndefined();
  });

  it('is the first thing that is wrong, the whole device before its replica and its streams; never words', async () => {
    await idOf();
    const reporter = await openReporter();
    const wrong = () => read(reporter.says()).e;
    status.streams = [{}, { error: { code: 'stream_refused' } }];
    expect(wrong()).toBe('stream_refused');
    status.replica = { error: { code: 'replica_full' } };
    expect(wrong()).toBe('replica_full');
    status.error = { code: 'logged_out' };
    expect(wrong()).toBe('logged_out');
    status.error = { code: 'It went wrong at 59.33, 18.06' };
    expect(wrong()).toBeUndefined();
  });

  it('follows the outbox, whose oldest entry is looked up now and then', async () => {
    await idOf();
    status.outbox.pending = 1;
    pending = [{ createdAt: new Date(NOW - 60_000).toISOString() }];
    const reporter = await openReporter();
    pending = [{ createdAt: new Date(NOW - 5_000).toISOString() }];
    expect(read(reporter.says()).o).toBe(60);
    nowMs += 10_000;
    reporter.says();
    await settled();
    expect(read(reporter.says()).o).toBe(15);
  });

  it('goes with each request, beside what the request is', async () => {
    const id = await idOf();
    const reporter = await openReporter();
    const asked: HttpRequest[] = [];
    const session = { token: () => Promise.resolve({ kind: 'token', token: 't' }) };
    await reporter.ask(
      (request) => {
        asked.push(request);
        return Promise.resolve(answered(200) as never);
      },
      session as never,
      { method: 'GET', url: 'http://halo/v1/shapes/areas', signal: ended.signal },
    );
    expect(asked).toMatchObject([
      { method: 'GET', token: 't', extra: { [DEVICE_HEADER]: `id=${id}&p=0&r=0` } },
    ]);
  });
});

describe('a check', () => {
  const verification = (shape: string, given: Partial<ShapeVerification> = {}): ShapeVerification => ({
    ...({
      shape,
      outcome: 'equal',
      rebuilt: false,
      offset: '5_0',
      device: 3,
      server: 3,
    } as ShapeVerification),
    ...given,
  });
  const asks = (check = CHECK) => answered(200, { [CHECK_HEADER]: check });

  it('is answered with how each shape compared, once', async () => {
    const id = await idOf();
    verify = () =>
      Promise.resolve([
        verification('incidents?region=01'),
        {
          shape: 'areas',
          outcome: 'not_compared',
          rebuilt: false,
          error: { code: 'busy', message: '' },
        } as never,
      ]);
    const reporter = await openReporter();
    reporter.hears(asks());
    reporter.hears(asks());
    await settled();
    expect(sent).toMatchObject([
      {
        method: 'POST',
        url: `http://halo/v1/devices/${id}/checks/${CHECK}`,
        body: {
          errorCode: null,
          shapes: [
            { shape: 'incidents?region=01', outcome: 'equal', deviceRows: 3, serverRows: 3, errorCode: null },
            { shape: 'areas', outcome: 'not_compared', deviceRows: null, offset: null, errorCode: 'busy' },
          ],
        },
      },
    ]);
    reporter.hears(asks());
    await settled();
    expect(sent).toHaveLength(1);
    reporter.hears(asks('another'));
    await settled();
    expect(sent).toHaveLength(2);
  });

  it('is answered again when the server could not take the answer', async () => {
    await idOf();
    const reporter = await openReporter();
    for (const bad of [answered(503), { kind: 'unreachable', message: '', stalled: false } as const]) {
      answer = bad;
      reporter.hears(asks());
      await settled();
    }
    answer = answered(404);
    reporter.hears(asks());
    reporter.hears(asks());
    await settled();
    expect(sent).toHaveLength(3);
  });

  it('that cannot be made is answered with why, and no more shapes are told of than are taken', async () => {
    await idOf();
    const reporter = await openReporter();
    verify = () => Promise.reject(Object.assign(new Error('away'), { code: 'replica_unavailable' }));
    reporter.hears(asks('one'));
    await settled();
    verify = () => Promise.reject(new Error('whatever'));
    reporter.hears(asks('two'));
    await settled();
    verify = () => Promise.resolve(Array.from({ length: 99 }, (_, n) => verification(`shape${n}`)));
    reporter.hears(asks('three'));
    await settled();
    const bodies = sent.map(({ body }) => body as { shapes: unknown[]; errorCode: string | null });
    expect(bodies.map(({ shapes, errorCode }) => [shapes.length, errorCode])).toEqual([
      [0, 'replica_unavailable'],
      [0, 'verification_failed'],
      [MAX_CHECKED_SHAPES, null],
    ]);
  });

  it('is heard of in no answer that did not come, and told to nobody when the device closes meanwhile', async () => {
    await idOf();
    const reporter = await openReporter();
    reporter.hears({ kind: 'unreachable', message: '', stalled: false });
    reporter.hears(answered(200));
    await settled();
    verify = () => {
      ended.abort();
      return Promise.resolve([]);
    };
    reporter.hears(asks());
    await settled();
    expect(sent).toEqual([]);
  });
});
