import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { VARIABLES } from './variables.ts';
import type { Variable } from './variables.ts';

it('the README names every variable with its default and purpose', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8').replaceAll(/ +/g, ' ');
  for (const [name, { schema, help }] of Object.entries(VARIABLES)) {
    const fallback = schema.safeParse(undefined).data;
    const shown = fallback === undefined ? 'unset' : `\`${String(fallback)}\``;
    expect(readme).toContain(`| \`${name}\` | ${shown} | ${help} |`);
  }
});

it('the README names the files that secrets may be given as', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const variables: [string, Variable][] = Object.entries(VARIABLES);
  for (const [name, { secret }] of variables)
    expect(readme.includes(`\`${name}_FILE\``), name).toBe(secret === true);
});
