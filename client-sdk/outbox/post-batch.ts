import { mutationBatchResultSchema } from '@halo/shapes/protocol/mutation-batch.ts';
import type { MutationBatch, MutationResult } from '@halo/shapes/protocol/mutation-batch.ts';
import type { StatusError } from '../api.ts';
import { parseJson, problemOf, retryAfterMs } from '../sync/http.ts';
import type { AuthorizedOutcome } from '../sync/session.ts';

/** What the answer to a batch means. */
export type BatchOutcome =
  /** Results of the first mutations of the batch, in its order; those left out are not settled. */
  | { readonly kind: 'results'; readonly results: readonly MutationResult[] }
  /** The server counts from another place: it expects this `seq` next. */
  | { readonly kind: 'seq_gap'; readonly expectedSeq: number }
  /** The server has settled something else under one of these numbers. */
  | { readonly kind: 'seq_used'; readonly error: StatusError }
  /** The batch is larger than the server takes. */
  | { readonly kind: 'too_large' }
  | { readonly kind: 'unreachable'; readonly retryAfterMs: number }
  | { readonly kind: 'refused'; readonly error: StatusError };

/**
 * Reads the answer to `POST /v1/mutations`. Everything that is not a well-formed list of results for the very
 * mutations that were sent settles nothing.
 */
export function readBatchAnswer(batch: MutationBatch, outcome: AuthorizedOutcome, now: number): BatchOutcome {
  switch (outcome.kind) {
    case 'unreachable':
    case 'aborted':
      return { kind: 'unreachable', retryAfterMs: 0 };
    case 'unavailable':
      return { kind: 'unreachable', retryAfterMs: outcome.retryAfterMs };
    case 'refused':
      return { kind: 'refused', error: outcome.error };
    case 'answered':
      break;
  }
  const { status, text, headers } = outcome;
  if (status === 200) return readResults(batch, text);
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return { kind: 'unreachable', retryAfterMs: retryAfterMs(headers, now) };
  }
  if (status === 413) return { kind: 'too_large' };
  const { code, message, extra } = problemOf(status, text);
  const { expectedSeq } = extra;
  if (code === 'seq_gap' && typeof expectedSeq === 'number' && Number.isSafeInteger(expectedSeq)) {
    return { kind: 'seq_gap', expectedSeq };
  }
  if (code === 'mutation_changed') return { kind: 'seq_used', error: { code, message } };
  return { kind: 'refused', error: { code, message } };
}

function readResults(batch: MutationBatch, text: string): BatchOutcome {
  const parsed = mutationBatchResultSchema.safeParse(parseJson(text));
  // Half an answer, or a captive portal's page: as good as none.
  if (!parsed.success) return { kind: 'unreachable', retryAfterMs: 0 };
  const { results } = parsed.data;
  const fits =
    results.length <= batch.mutations.length &&
    results.every(({ seq, id }, index) => {
      const sent = batch.mutations[index]!;
      return sent.seq === seq && sent.id === id;
    });
  if (!fits) {
    const message =
      'The server answered with results of other mutations than those sent. Nothing was settled.';
    return { kind: 'refused', error: { code: 'results_mismatch', message } };
  }
  return { kind: 'results', results };
}
