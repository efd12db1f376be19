// Files stay small: median at most 100 lines, 95 % at most 300, none over 500.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const files = execFileSync(
  'git',
  ['ls-files', '-co', '--exclude-standard', '*.ts', '*.tsx', '*.mjs', '*.cjs', '*.sql'],
  {
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter((path) => path !== '');
const sizes = files
  .map((path) => ({ path, lines: readFileSync(path, 'utf8').split('\n').length - 1 }))
  .sort((a, b) => a.lines - b.lines);
const at = (share) => sizes[Math.min(sizes.length - 1, Math.floor(share * sizes.length))]?.lines ?? 0;
const tooLong = sizes.filter(({ lines }) => lines > 500);

process.stdout.write(`${sizes.length} files, median ${at(0.5)} lines, 95 % at most ${at(0.95)}\n`);
for (const { path, lines } of tooLong) process.stdout.write(`over 500 lines: ${path} (${lines})\n`);
if (at(0.5) > 100 || at(0.95) > 300 || tooLong.length > 0) process.exit(1);
