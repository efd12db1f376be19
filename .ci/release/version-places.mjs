// Where the version of the whole stands besides the packages' manifests, which changesets raises.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What stands before it and behind it, within the file. */
const PLACES = [
  { file: 'package.json', before: '"version": "', behind: '"' },
  { file: 'Dockerfile', before: '\nARG VERSION=', behind: '\n' },
  { file: 'compose.yaml', before: '${HALO_VERSION:-', behind: '}' },
  {
    file: 'server/config/variables.ts',
    before: "VERSION: { schema: z.string().min(1).default('",
    behind: "'",
  },
  { file: 'README.md', before: '| `VERSION`                   | `', behind: '`', isCell: true },
];

/** The version that each place below `root` names, by file. Fails where a place has gone. */
export function versionsBelow(root) {
  return Object.fromEntries(
    PLACES.map((place) => [place.file, find(readFileSync(join(root, place.file), 'utf8'), place).version]),
  );
}

/** Has each place below `root` name `version`. */
export function raiseBelow(root, version) {
  for (const place of PLACES) {
    const path = join(root, place.file);
    const text = readFileSync(path, 'utf8');
    const { at, version: former } = find(text, place);
    const rest = text.slice(at + former.length);
    writeFileSync(path, text.slice(0, at) + version + (place.isCell ? fitted(rest, former, version) : rest));
  }
}

function find(text, { file, before, behind }) {
  const start = text.indexOf(before);
  if (start < 0) throw new Error(`${file} has no version where it should stand: ${before.trim()}`);
  const at = start + before.length;
  return { at, version: text.slice(at, text.indexOf(behind, at)) };
}

/** The cell of a table keeps its width, as the formatter wants it. */
function fitted(rest, former, version) {
  const longer = version.length - former.length;
  return longer > 0
    ? rest.replace(`\`${' '.repeat(longer)}`, '`')
    : rest.replace('`', `\`${' '.repeat(-longer)}`);
}
