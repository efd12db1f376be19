// Has the whole name the version that changesets have raised the packages to.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { raiseBelow } from './version-places.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}client-sdk/package.json`, 'utf8'));
raiseBelow(root, version);
process.stdout.write(`the version is ${version}\n`);
