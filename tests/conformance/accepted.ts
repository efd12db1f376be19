import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Cases whose answers differ on purpose, each with the reason. */
export const ACCEPTED_FILE = fileURLToPath(new URL('accepted.json', import.meta.url));

/** Reasons of cases that come out one way or the other begin so: they may be the same in a run. */
const RACE = /^A race\b/;

/**
 * Accepted cases of the sections asked that did not differ: what is accepted no more is to be taken out, or it would
 * hide the next difference. `report` is what the comparison prints when nothing is accepted.
 */
export function staleEntries(report: string, sections: RegExp): string[] {
  const accepted = JSON.parse(readFileSync(ACCEPTED_FILE, 'utf8')) as Readonly<Record<string, string>>;
  const differing = differingCases(report);
  return Object.entries(accepted)
    .filter(
      ([name, reason]) => sections.test(name) && sections.test(name.split('/')[0]!) && !RACE.test(reason),
    )
    .map(([name]) => name)
    .filter((name) => !differing.has(name));
}

/** A case that differs stands on a line of its own, before what Electric answered. */
function differingCases(report: string): ReadonlySet<string> {
  const lines = report.split('\n');
  return new Set(lines.filter((_, index) => lines[index + 1]?.startsWith('  electric ') === true));
}
