// Judges the migrations: those of databases that nobody has yet are let be, every later one must be safe on a server that runs.
import { readdirSync, readFileSync } from 'node:fs';
import { loadModule } from 'libpg-query';
import { lintMigration } from './migrations/lint.mjs';

/**
 * Up to this one they were written before the first release (version 0.1.0, nothing but "Unreleased" in CHANGELOG.md): they only ever
 * run on a database that is new, or a developer's. It never rises again.
 */
const BEFORE_THE_FIRST_RELEASE = 33;

await loadModule();
const files = readdirSync('migrations').filter((file) => file.endsWith('.sql'));
const numbers = files.map((file) => Number(file.slice(0, 4)));
let faults = 0;
const tell = (text) => {
  faults += 1;
  process.stdout.write(`${text}\n`);
};
for (const [n, number] of numbers.entries())
  if (numbers.indexOf(number) !== n) tell(`${files[n]}: another migration has its number`);
for (const file of files.filter((_, n) => !(numbers[n] <= BEFORE_THE_FIRST_RELEASE)))
  for (const { code, hint } of lintMigration(file, readFileSync(`migrations/${file}`, 'utf8')))
    tell(`${file}: ${code}: ${hint}`);
if (faults > 0) process.exit(1);
process.stdout.write(
  `${files.length} migrations, ${files.length - numbers.filter((n) => n <= BEFORE_THE_FIRST_RELEASE).length} judged\n`,
);
