// Builds the packages and packs them into the folder that is named; says where the tarballs are, as JSON.
import { PACKAGES, buildPackages } from './build.mjs';
import { pack } from './pack.mjs';

const [into] = process.argv.slice(2);
if (into === undefined) throw new Error('Usage: node .ci/packages/pack-all.mjs FOLDER');
buildPackages();
process.stdout.write(`${JSON.stringify(PACKAGES.map(({ out }) => pack(out, into)))}\n`);
