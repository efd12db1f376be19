import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ALERT_NAMES } from './alert.ts';
import { RUN_ALERTS } from './judge-shared.ts';
import { runbookOf } from './places.ts';

const runbook = readFileSync(new URL('../../../docs/runbook.md', import.meta.url), 'utf8');

it('the runbook has a heading for each alert, in their order, and none for what is no alert', () => {
  const headings = [...runbook.matchAll(/^## (\w+_\w+)$/gm)].map(([, name]) => name);
  expect(headings).toEqual([...ALERT_NAMES]);
  const placesOf = (runbookUrl: string | undefined) =>
    ALERT_NAMES.map((name) => runbookOf(name, { publicUrl: undefined, runbookUrl }));
  expect(placesOf(undefined)).toEqual(headings.map((name) => `docs/runbook.md#${name}`));
  expect(placesOf('https://docs.example/r')).toEqual(
    headings.map((name) => `https://docs.example/r#${name}`),
  );
});

it('each says what it means, how to see it, what to do and not to do, and when it is over', () => {
  const parts = runbook.split(/^## /m).filter((part) => /^\w+_\w+\n/.test(part));
  expect(parts).toHaveLength(ALERT_NAMES.length);
  for (const part of parts)
    for (const said of ['**Means.**', '**See.**', '**Do', '**Do not**', '**Over.**'])
      expect(part, part.split('\n')[0]).toContain(said);
});

it('the subjects that it tells apart are those that the alert has', () => {
  const [, section = ''] = /^## backup_failed\n([^]*?)\*\*See\.\*\*/m.exec(runbook) ?? [];
  const named = [...section.matchAll(/`([^`]+)`: /g)].map(([, subject]) => subject);
  const subjects = Object.entries(RUN_ALERTS).filter(([, name]) => name === 'backup_failed');
  expect(named).toEqual(subjects.map(([job]) => job));
});
