import { describe, expect, it } from 'vitest';
import { judgeLag } from './lag.ts';
import type { LagFacts } from './lag.ts';

const S = 1_000;

/** A server that has run for a while on a database whose WAL ends at 500; all is well unless `facts` say otherwise. */
function judge(facts: Partial<LagFacts>) {
  const nowMs = facts.nowMs ?? 1_000 * S;
  const samples = [9, 6, 3, 0].map((agoS) => ({ atMs: nowMs - agoS * S, end: 500n }));
  const well = { streaming: true, lastContactMs: nowMs - 2 * S, position: 499n, startedMs: 0 };
  return judgeLag({ ...well, samples, failedAtMs: undefined, nowMs, ...facts });
}

describe('how replication fares', () => {
  it('invariant 11: an idle database is no lag, however long nothing happens', () => {
    const idle = { state: 'live', bytes: 0, seconds: 0, provedSeconds: 0 };
    expect(judge({})).toEqual(idle);
    expect(judge({ nowMs: 90_000 * S })).toEqual(idle);
  });

  it('under load the log is as old as the newest end of the WAL that it has reached', () => {
    const nowMs = 1_000 * S;
    const samples = [9, 6, 3, 0].map((agoS) => ({ atMs: nowMs - agoS * S, end: 500n - BigInt(agoS) * 10n }));
    expect(judge({ nowMs, samples, position: 475n })).toEqual({
      state: 'live',
      bytes: 24,
      seconds: 3,
      provedSeconds: 3,
    });
    const old = samples.map(({ atMs, end }) => ({ atMs: atMs - 13 * S, end }));
    expect(judge({ nowMs, samples: [...old, samples[3]!], position: 475n })).toMatchObject({
      state: 'behind',
      seconds: 16,
    });
  });

  it('invariant 11: a connection over which nothing comes is not idle, though nothing was written', () => {
    const nowMs = 1_000 * S;
    expect(judge({ nowMs, lastContactMs: nowMs - 19 * S })).toMatchObject({ state: 'live', seconds: 0 });
    const silent = judge({ nowMs, lastContactMs: nowMs - 25 * S });
    expect(silent).toEqual({ state: 'silent', bytes: 0, seconds: 25, provedSeconds: 0 });
    expect(judge({ nowMs, lastContactMs: nowMs - 60 * S }).seconds).toBe(60);
  });

  it('says that there is no connection, and that there is no Postgres, and lets the lag grow', () => {
    const nowMs = 1_000 * S;
    const lastContactMs = nowMs - 8 * S;
    expect(judge({ nowMs, lastContactMs, streaming: false })).toEqual({
      state: 'disconnected',
      provedSeconds: 0,
      bytes: 0,
      seconds: 8,
    });
    const samples = [{ atMs: nowMs - 40 * S, end: 500n }];
    expect(judge({ nowMs, samples, failedAtMs: nowMs - 37 * S, streaming: false, lastContactMs })).toEqual({
      state: 'postgres_down',
      bytes: undefined,
      seconds: 40,
      provedSeconds: 40,
    });
    // Nobody asks any more: what was last known says nothing about now.
    expect(judge({ nowMs, samples })).toMatchObject({
      state: 'postgres_down',
      bytes: undefined,
      seconds: 40,
    });
    expect(judge({ nowMs, samples: [], lastContactMs: undefined })).toMatchObject({ seconds: 1_000 });
  });
});
