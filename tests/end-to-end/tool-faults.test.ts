import { expect, it } from 'vitest';
import { startProcess } from '../support/process.ts';
import { hasSharedData } from '../support/shared-data.ts';

it.each([
  [
    'load',
    ['--url', 'http://127.0.0.1:1'],
    /\nhttp:\/\/127\.0\.0\.1:1 does not answer \(ECONNREFUSED\)\. Check --url, .*\. \[load_unanswered\]\n$/,
  ],
  ['oracle', ['--hours', '1'], /^Unknown option '--hours'\. Usage: npm run oracle .* \[oracle_usage\]\n$/],
  ['oracle', ['--minutes', 'many'], /^--minutes must be a number, .* \[oracle_usage\]\n$/],
  ['conformance', ['('], /^Sections are chosen by a regular expression, and \( is none\.\n$/],
  ['evaluation/linking', ['x'], /^The seed must be a whole number, not x\.\n$/],
])('%s %j ends with 1, and a sentence instead of a stack', async (tool, args, words) => {
  const run = startProcess(`tests/${tool}/run.ts`, args, {});
  expect(await run.exited).toBe(1);
  await run.waitFor(words);
  expect(run.output()).not.toMatch(/^ +at /m);
});

it.skipIf(!hasSharedData('electric', 'transcripts.jsonl.gz'))(
  'conformance says that it has no case of what was asked for',
  async () => {
    const run = startProcess('tests/conformance/run.ts', ['a section that is not there'], {});
    expect(await run.exited).toBe(1);
    await run.waitFor(/^No recorded case lies in a section that matches a section that is not there\.\n$/m);
    expect(run.output()).not.toMatch(/^ +at /m);
  },
);
