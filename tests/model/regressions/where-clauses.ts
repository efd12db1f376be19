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
  // The sum is computed in 64 bits, which overflow unseen.
  `(a_clock + a_span) > '18:00'`,
  `(a_span + a_clock) - '1 hour'::interval < a_clock`,
  // Months go to the same day or the month's last one; days and hours come after them.
  `a_stamp + interval '1 month -1 day 25:00' > a_time`,
  `a_date - a_span < a_date`,
  `a_time - a_stamp >= interval '1 month'`,
  `a_time + '1 mon' > '2026-02-01'`,
  `'1 day' + a_stamp IS NULL`,
  `a_date + a_clock = a_stamp`,
  `a_clock - '09:00' > '1 hour'`,
  `a_time AT TIME ZONE 'UTC' = a_stamp`,
  // A month is 30 days to a comparison, and only to that.
  `a_span = '30 days'`,
  `a_span = ANY(a_spans)`,
  `a_spans @> '{"30 days"}'`,
  `justify_interval(a_span - b_span) <> justify_days(justify_hours(b_span))`,
  `-a_span < b_span`,
  // A product of floats, which is rounded where it has more than 53 bits.
  `a_span * a_int8 > b_span`,
  `b_int4 * a_span = '60 days'`,
  // How many digits Postgres keeps of a quotient.
  `(a_num / b_num)::text LIKE '%3'`,
  `(1 / b_num) * b_num = 1`,
  `a_num % b_num >= 0`,
  // A shorter float beside a number is a longer one; beside a string it stays.
  `a_single = 0.1`,
  `a_single = '0.1'`,
  `a_single + b_single > 16777216`,
  `a_single * b_single < '1e30'`,
  `a_float::float4 >= a_single`,
  // Blanks at the end mean nothing, in arrays too.
  `b_blank < 'a   '`,
  `a_blank = 'ab '`,
  `'b' = ANY(a_chars)`,
  `a_chars @> '{a}'`,
  `b_blank || 'x' = 'ax'`,
  `lower(b_blank) = 'z'`,
  // By the moment in UTC, then by the zone.
  `a_zoned = '12:00'`,
  `a_zoned < '14:00+02'`,
  `a_bytes > '\\x5c'`,
  `a_bytes = ANY(a_blobs)`,
  // Labels have the order of their type.
  `a_color > 'red'`,
  `'green'::color <= ANY(a_colors)`,
  `greatest(a_color, 'green') = 'green'`,
  // Domains are what lies beneath them.
  `a_few + 1 > 1`,
  `a_shade::color < 'blue'`,
  `a_word || 'x' > a_c`,
  `a_numbers[1] = ANY(a_numbers)`,
  // By the first items that are not equal, unknown ones included.
  `(a_int4, a_c, a_num) < (b_int4, b_c, b_num)`,
  `(a_int4, a_c) >= (b_int4, 'a')`,
  `(a_int4, a_c) NOT IN ((1, 'a'), (b_int4, NULL))`,
  `(a_int4, a_c) IS DISTINCT FROM (b_int4, b_c)`,
  // NULL is an empty array to what joins arrays, and an item to what adds one.
  `a_ints || NULL = a_ints`,
  `array_append(a_ints, NULL) = a_ints || a_int4`,
  `a_int4 || b_ints <> array_prepend(7, b_ints)`,
  `array_cat(a_ints, b_ints) @> '{7}'`,
  `cardinality(a_ints || a_numbers) > 4`,
  `a_ints[1:] = b_ints`,
  `a_ints[:b_int4] || b_ints = '{1,1}'`,
  `(a_ints[0:1])[1] = 7`,
  `(a_ints)[:] = a_ints`,
  // Bits are lost at the upper end, and the sign stays at the lower one.
  `a_int2 << 15 < 0`,
  `a_int8 >> 63 = -1`,
  // The same number has many texts; a string that looks like one has not.
  'a_json = b_json',
  `a_json IN ('1', '{"a": 1.00, "bb": [15e-1]}', '{"1.0": "1.0"}')`,
  `b_json <> '"å\\n\\"1.0"'`,
  `b_json = '{"bb":[1.5],"a":2,"a":1}'`,
  'a_json = ANY(a_jsons)',
  // What reads no column shares one type with what it is compared with; what reads one is compared by itself.
  `'0' IN ('0.00', coalesce(-.5, 1.5))`,
  `'0' IN ('0.00', a_num, 1.5)`,
  `'0' IN ('0.00', a_num + NULL)`,
  `a_date IN ('2026-01-01 12:00', '2026-01-01 00:00'::timestamp)`,
  `'2026-01-01 12:00' NOT IN ('2026-01-01'::date, '2026-01-02 12:00'::timestamp, a_stamp)`,
  `a_int8 IN (9007199254740992, 0.5::float8)`,
  // What lies behind items that are not known to be equal is not looked at, and may fail.
  '((a_num, a_int4) >= (b_num, a_int4 / 0)) IS NULL',
];
