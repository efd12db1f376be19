/** Clauses that once had another verdict than Postgres's, or whose rules are easily got wrong. */
export const WHERE_REGRESSIONS: readonly string[] = [
  // Never evaluated: Postgres folds the NULL.
  '(NULL::int4 + 1 / a_int4) IS NULL',
  `(a_int2 + 32767::int2 + array_length(ARRAY[]::int4[], 1)) IS NULL`,
  // A part that fails decides nothing as long as another one does.
  'a_int4 = 0 OR 1 / a_int4 > 0',
  'a_int4 <> 0 AND 7 / a_int4 = 1',
  // The pattern ends in a lone backslash: an error only when it is reached.
  `a_c LIKE b_c`,
  `a_c NOT LIKE 'a\\'`,
  // What is neither above nor below: NaN is equal to itself and greater than all.
  `a_float >= 'NaN'`,
  `a_num = 'NaN'`,
  // Half goes away from zero in numerics, to the even one in floats.
  'a_num::int4 = -2',
  `a_float::int4 = 2`,
  // The smallest integer has no opposite.
  '-a_int4 = 1',
  'a_int2 / -1 > 0',
  '@ a_int8 > 0',
  'a_int4 % -1 = 0',
  // The last dates lie beyond what 64 bits of microseconds hold.
  `'infinity' >= greatest(a_date, a_date + a_int2)`,
  // A bound is a bound in either order.
  'b_int4 BETWEEN SYMMETRIC 3 AND 1',
];
