import { z } from 'zod';

/**
 * What became of one mutation. `txid` is the Postgres transaction that settled it, as a decimal string;
 * `replayed` is true when the answer was already in the ledger.
 */
export const mutationResultSchema = z.object({
  seq: z.number().int().positive(),
  id: z.uuid(),
  status: z.enum(['applied', 'rejected']),
  replayed: z.boolean(),
  txid: z.string().regex(/^\d+$/),
  code: z.string().optional(),
  message: z.string().optional(),
  field: z.string().optional(),
  result: z.record(z.string(), z.unknown()).optional(),
});

/**
 * The answer: results in the order of the request. Shorter than the request when the server failed on the
 * next one: what is missing has not been settled and is to be sent again.
 */
export const mutationBatchResultSchema = z.object({
  lastSeq: z.number().int().nonnegative(),
  results: z.array(mutationResultSchema),
});

export type MutationResult = z.infer<typeof mutationResultSchema>;
export type MutationBatchResult = z.infer<typeof mutationBatchResultSchema>;
// What is sent has a module of its own: a client needs its types alone.
export type { Mutation, MutationBatch } from './mutation-request.ts';
