// What `npm run build` runs, once the field app is built: the packages that others install, and their API docs.
import { PACKAGES, buildPackages } from './packages/build.mjs';
import { buildApiDocs } from './packages/api-docs.mjs';

buildPackages();
for (const { out } of PACKAGES) process.stdout.write(`built ${out}\n`);
process.stdout.write(`built ${await buildApiDocs()}\n`);
