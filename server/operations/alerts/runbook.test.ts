import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ALERT_NAMES, runbookOf } from './alert.ts';

const runbook = readFileSync(new URL('../../../docs/runbook.md', import.meta.url), 'utf8');

it('the runbook has a heading for each alert, in their order, and none for what is no alert', () => {
  const headings = [...runbook.matchAll(/^## (\w+_\w+)$/gm)].map(([, name]) => name);
  expect(headings).toEqual([...ALERT_NAMES]);
  expect(ALERT_NAMES.map(runbookOf)).toEqual(headings.map((name) => `docs/runbook.md#${name}`));
});

it('each says what it means, how to see it, what to do and not to do, and when it is over', () => {
  const parts = runbook.split(/^## /m).filter((part) => /^\w+_\w+\n/.test(part));
  expect(parts).toHaveLength(ALERT_NAMES.length);
  for (const part of parts)
    for (const said of ['**Means.**', '**See.**', '**Do', '**Do not**', '**Over.**'])
      expect(part, part.split('\n')[0]).toContain(said);
});
