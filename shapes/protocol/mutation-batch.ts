import { z } from 'zod';

/** Most mutations in one batch; a longer queue is sent in several. */
export const MAX_BATCH_MUTATIONS = 100;
/** Most bytes of one batch's JSON body. */
export const MAX_BATCH_BYTES = 1_048_576;

/**
 * One queued write. `args` is checked against the schema of its `type` when it is applied, so that one bad
 * mutation is rejected by itself and never refuses the batch it travels in.
 */
export const mutationSchema = z.strictObject({
  seq: z.number().int().positive().max(Number.MAX_SAFE_INTEGER),
  // In lower case, as Postgres gives it back: a UUID's digits are the same in either (RFC 9562, section 4).
  id: z.uuid({ version: 'v7' }).toLowerCase(),
  type: z.string().min(1).max(64),
  createdAt: z.iso.datetime({ offset: true }),
  args: z.unknown(),
});

/** The body of `POST /v1/mutations`: consecutive mutations of one device, in the order they were made. */
export const mutationBatchSchema = z.strictObject({
  deviceId: z.uuid(),
  mutations: z.array(mutationSchema).min(1).max(MAX_BATCH_MUTATIONS),
});

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

export type Mutation = z.infer<typeof mutationSchema>;
export type MutationBatch = z.infer<typeof mutationBatchSchema>;
export type MutationResult = z.infer<typeof mutationResultSchema>;
export type MutationBatchResult = z.infer<typeof mutationBatchResultSchema>;
