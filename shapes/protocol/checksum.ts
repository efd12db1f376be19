import { z } from 'zod';

/** What `GET /v1/shapes/{name}/checksum` answers: the shape at the offset that was asked for. */
export const checksumSchema = z.object({
  /** Rows that the shape has there. */
  rows: z.number().int().nonnegative(),
  /** Digest of these rows, as `digestSql` of the catalogue makes it. */
  digest: z.string().regex(/^[0-9a-f]{16}$/),
});

/** How many rows a shape has at an offset, and their digest. */
export type Checksum = z.infer<typeof checksumSchema>;
