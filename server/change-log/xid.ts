/**
 * Order of two 32-bit transaction ids on their circle: positive when `a` is later than `b`. Valid for ids
 * less than two thousand million apart, as Postgres itself compares them (TransactionIdPrecedes).
 */
export function compareXids(a: number, b: number): number {
  return (a - b) | 0;
}
