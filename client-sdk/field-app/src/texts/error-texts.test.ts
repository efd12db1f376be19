import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { DICTIONARY } from './dictionary.ts';
import { errorText } from './texts.ts';

const SERVER = fileURLToPath(new URL('../../../../server/', import.meta.url));

/** Codes that are chosen by a function before they are thrown. */
const JUDGEMENTS = ['illegal_transition', 'transition_conflict', 'invalid_args'];

/** Codes that the server's sources settle mutations with. */
function rejectionCodes(): readonly string[] {
  const sources = readdirSync(SERVER, { recursive: true, encoding: 'utf8' });
  const text = sources
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => readFileSync(SERVER + path, 'utf8'))
    .join('\n');
  const thrown = [...text.matchAll(/new MutationRejection\(\s*'([a-z_]+)'/g)].map(([, code]) => code ?? '');
  return [...thrown, ...JUDGEMENTS];
}

it('says every rejection in words of its own, in both languages', () => {
  const codes = rejectionCodes();
  expect(codes).toContain('version_conflict');
  for (const { errors } of [DICTIONARY.en, DICTIONARY.sv]) {
    expect(codes.filter((code) => !(code in errors))).toEqual([]);
  }
});

it('falls back to what the server said, and to the code where it said nothing', () => {
  expect(errorText('a_later_code', 'Words of the server.')).toBe('Words of the server.');
  expect(errorText('a_later_code')).toContain('a_later_code');
});
