import { HaloError } from '../platform/errors.ts';

/** What a subset is asked for with. */
export type SubsetField = 'where' | 'params' | 'order_by' | 'limit' | 'offset';

/** A fault of one field of a subset; `details.part` names it. */
export function subsetFault(
  part: SubsetField,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): HaloError {
  return new HaloError('subset_invalid', message, {
    status: 400,
    field: `subset__${part}`,
    details: { ...details, part },
  });
}
