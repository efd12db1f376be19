import { checksumSchema } from '@halo/shapes/protocol/checksum.ts';
import type { Checksum } from '@halo/shapes/protocol/checksum.ts';
import { readShapeQuery } from './shape-query.ts';
import type { QueryErrors, ShapeQuery } from './shape-query.ts';

/** Parameters of the protocol that a checksum has; the rest of them are refused, and others are the shape's. */
const POSITION = new Set(['offset', 'handle']);
const MAX_ROWS_DIGITS = 10;

/** A question for a checksum, read and checked. */
export type ChecksumQueryVerdict =
  | {
      readonly ok: true;
      readonly query: ShapeQuery & { readonly handle: string };
      /** What the asker has himself; null where he does not say. */
      readonly device: Checksum | null;
    }
  | { readonly ok: false; readonly errors: QueryErrors };

/** Reads the parameters of a request for a checksum: a position, the shape's own, and what the device has. */
export function readChecksumQuery(given: Readonly<Record<string, readonly string[]>>): ChecksumQueryVerdict {
  const { rows, digest, ...rest } = given;
  const verdict = readShapeQuery({ given: rest });
  if (!verdict.ok) return verdict;
  const { query } = verdict;
  const { offset, handle } = query;
  const unfit = Object.keys(rest).find((name) => !POSITION.has(name) && !(name in query.params));
  if (unfit !== undefined) return fault(unfit, 'is not possible here');
  if (offset.kind !== 'log' || handle === null) return fault('offset', 'must be a position in the log');
  if (rows === undefined && digest === undefined)
    return { ok: true, query: { ...query, handle }, device: null };
  const device = checksumSchema.safeParse({ rows: wholeNumber(rows), digest: digest?.join() });
  if (device.success) return { ok: true, query: { ...query, handle }, device: device.data };
  return fault(device.error.issues[0]?.path[0] === 'rows' ? 'rows' : 'digest', 'is invalid');
}

function wholeNumber(values: readonly string[] | undefined): number {
  const [text = ''] = values ?? [];
  return values?.length === 1 && /^\d+$/.test(text) && text.length <= MAX_ROWS_DIGITS ? Number(text) : NaN;
}

function fault(name: string, message: string): ChecksumQueryVerdict {
  return { ok: false, errors: { [name]: [message] } };
}
