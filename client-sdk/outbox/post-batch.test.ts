import { describe, expect, it } from 'vitest';
import type { AuthorizedOutcome } from '../sync/session.ts';
import { readBatchAnswer } from './post-batch.ts';

const ID = '01890000-0000-7000-8000-000000000001';
const BATCH = {
  deviceId: '00000000-0000-4000-8000-000000000001',
  mutations: [{ seq: 1, id: ID, type: 'report.create', createdAt: '2026-01-01T00:00:00.000Z', args: {} }],
};
const RESULT = { seq: 1, id: ID, status: 'applied', replayed: false, txid: '7' };

const BY_ITS_CLOCK = {
  'retry-after': 'Fri, 01 Jan 2060 00:00:09 GMT',
  date: 'Fri, 01 Jan 2060 00:00:00 GMT',
};

const answered = (
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): AuthorizedOutcome => ({
  kind: 'answered',
  status,
  headers: new Headers(headers),
  text: typeof body === 'string' ? body : JSON.stringify(body),
});
const read = (outcome: AuthorizedOutcome) => readBatchAnswer(BATCH, outcome, 0);
const problem = (code: string, extra = {}) => ({
  type: 'about:blank',
  title: code,
  status: 400,
  code,
  ...extra,
});

describe('the answer to a batch', () => {
  it('gives the results of what was sent, also when there are fewer', () => {
    expect(read(answered(200, { lastSeq: 1, results: [RESULT] }))).toMatchObject({ kind: 'results' });
    expect(read(answered(200, { lastSeq: 0, results: [] }))).toEqual({ kind: 'results', results: [] });
  });

  it.each([
    ['half an answer', answered(200, '{"lastSeq":1,"results":[{"seq":1')],
    ['the page of a captive portal', answered(200, '<html>Welcome to the hotel</html>')],
    ['a busy server', answered(503, '')],
    ['too many requests', answered(429, '')],
    ['no answer', { kind: 'unreachable', message: 'reset', stalled: false } as const],
    ['an abort', { kind: 'aborted' } as const],
    ['a session that cannot be renewed now', { kind: 'unavailable', message: '', retryAfterMs: 0 } as const],
  ])('invariant 1: %s settles nothing and is tried again', (_name, outcome) => {
    expect(read(outcome)).toMatchObject({ kind: 'unreachable' });
  });

  it.each([
    [
      'results of another mutation',
      answered(200, { lastSeq: 1, results: [{ ...RESULT, id: ID.replace('1', '2') }] }),
    ],
    ['results of another number', answered(200, { lastSeq: 2, results: [{ ...RESULT, seq: 2 }] })],
    ['more results than were sent', answered(200, { lastSeq: 2, results: [RESULT, RESULT] })],
  ])('invariant 1: %s settle nothing and are shown', (_name, outcome) => {
    expect(read(outcome)).toMatchObject({ kind: 'refused', error: { code: 'results_mismatch' } });
  });

  it('tells a gap, a refusal and too large a batch apart', () => {
    expect(read(answered(409, problem('seq_gap', { expectedSeq: 4 })))).toEqual({
      kind: 'seq_gap',
      expectedSeq: 4,
    });
    expect(read(answered(422, problem('mutation_changed', { detail: 'why' })))).toEqual({
      kind: 'seq_used',
      error: { code: 'mutation_changed', message: 'why' },
    });
    expect(read(answered(422, problem('mutation_id_reused', { detail: 'why' })))).toEqual({
      kind: 'refused',
      error: { code: 'mutation_id_reused', message: 'why' },
    });
    expect(read(answered(413, ''))).toEqual({ kind: 'too_large' });
  });

  it('decides by code and status, never by text', () => {
    const outcome = answered(
      422,
      problem('mutation_id_reused', { detail: '401 mutation_changed seq_gap expectedSeq 503' }),
    );
    expect(read(outcome)).toMatchObject({ kind: 'refused' });
  });

  it.each([
    ['seconds', { 'retry-after': '7' }, 7_000],
    ['a date', { 'retry-after': 'Thu, 01 Jan 1970 00:00:07 GMT' }, 7_000],
    ['a date long past', { 'retry-after': 'Thu, 01 Jan 1960 00:00:07 GMT' }, 0],
    ['a date of a server that is years ahead, by its own clock', BY_ITS_CLOCK, 9_000],
    ['more than is believed', { 'retry-after': '86400' }, 300_000],
    ['a date years ahead', { 'retry-after': 'Fri, 01 Jan 2060 00:00:00 GMT' }, 300_000],
    ['no sense', { 'retry-after': 'soon' }, 0],
  ])('keeps to Retry-After that gives %s, within bounds', (_what, headers, retryAfterMs) => {
    expect(read(answered(503, '', headers))).toEqual({ kind: 'unreachable', retryAfterMs });
  });

  it('invariant 1: a rejection whose text says 401 is a rejection, and settles', () => {
    const rejected = { ...RESULT, status: 'rejected', code: 'unknown_type', message: '401 Unauthorized' };
    expect(read(answered(200, { lastSeq: 1, results: [rejected] }))).toEqual({
      kind: 'results',
      results: [rejected],
    });
  });

  it('reads Retry-After of too many requests', () => {
    expect(read(answered(429, '', { 'retry-after': '7' }))).toEqual({
      kind: 'unreachable',
      retryAfterMs: 7_000,
    });
  });
});
