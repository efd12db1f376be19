import { z } from 'zod';
import { MAX_BATCH_MUTATIONS } from './batch-limits.ts';

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

export type Mutation = z.infer<typeof mutationSchema>;
export type MutationBatch = z.infer<typeof mutationBatchSchema>;
