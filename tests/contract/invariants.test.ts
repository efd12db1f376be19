import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
it('docs/invariants.md names, for each invariant, exactly the tests whose titles carry its number', () => {
  const named = namedInDocs();
  const carried = carriedByTitles();
  expect([...named.keys()].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  for (const [number, files] of named) {
    expect({ number, files: [...files].toSorted() }).toEqual({
      number,
      files: [...(carried.get(number) ?? [])].toSorted(),
    });
    expect(files.size).toBeGreaterThan(0);
  }
});

function namedInDocs(): Map<number, Set<string>> {
  const named = new Map<number, Set<string>>();
  for (const section of readFileSync(`${ROOT}docs/invariants.md`, 'utf8').split(/^## /m).slice(1)) {
    const files = [...section.matchAll(/\]\(\.\.\/([^)]+\.test\.ts)\)/g)].map(([, path]) => path!);
    named.set(Number.parseInt(section, 10), new Set(files));
  }
  return named;
}

function carriedByTitles(): Map<number, Set<string>> {
  const carried = new Map<number, Set<string>>();
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.test.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const path of files.trim().split('\n')) {
    const source = readFileSync(ROOT + path, 'utf8');
    for (const [, numbers] of source.matchAll(/['"`]invariants? ([\d, and]+?)(?: \(O\d+\))?:/g)) {
      for (const [number] of numbers!.matchAll(/\d+/g)) {
        const known = carried.get(Number(number)) ?? new Set();
        carried.set(Number(number), known.add(path));
      }
    }
  }
  return carried;
}
