import { HaloError } from '../../platform/errors.ts';

/** A shape with subqueries needs more memory than one may have: it is refused, or begins anew. */
export class TooLarge extends HaloError {
  constructor(message: string) {
    super('shape_too_large', message, {
      status: 400,
      field: 'where',
      hint: 'Narrow the subquery. docs/where-clauses.md names the bounds.',
    });
  }
}
