import { expect, it } from 'vitest';
import { DICTIONARY } from './dictionary.ts';
import { errorText } from './texts.ts';

/** What the server settles mutations with. */
const REJECTION_CODES = [
  'invalid_args',
  'unknown_type',
  'forbidden',
  'not_found',
  'depends_on_rejected',
  'report_id_taken',
  'report_withdrawn',
  'version_conflict',
  'version_unknown',
  'occurred_at_in_future',
  'occurred_at_too_old',
  'too_many_comments',
  'too_many_watches',
  'watch_id_taken',
  'illegal_transition',
  'transition_conflict',
];

it('says every rejection in words of its own, in both languages', () => {
  for (const errors of [DICTIONARY.en.errors, DICTIONARY.sv.errors]) {
    for (const code of REJECTION_CODES) expect(errors).toHaveProperty(code);
  }
});

it('falls back to what the server said, and to the code where it said nothing', () => {
  expect(errorText('a_later_code', 'Words of the server.')).toBe('Words of the server.');
  expect(errorText('a_later_code')).toContain('a_later_code');
});
