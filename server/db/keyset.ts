/** SQL for lists that go by a time and an id, newest first; positions as in `platform/keyset-cursor.ts`. */

/** Microseconds of a time, exact, as a number that JavaScript holds. */
export const microsOf = (column: string) => `(extract(epoch FROM ${column}) * 1000000)::float8`;

/** Whether a row comes after the position that the two parameters hold. */
export const comesAfter = (time: string, id: string, micros: string, lastId: string) =>
  `(${time}, ${id}) < (timestamptz 'epoch' + ${micros}::float8 * interval '1 microsecond', ${lastId}::uuid)`;
