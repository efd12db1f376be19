// The API docs of @halo/client, made of its docstrings, in HTML.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application } from 'typedoc';

const CLIENT = fileURLToPath(new URL('../../client-sdk', import.meta.url));
/** Fields and parameters may be told in the docstring of what they belong to. */
const MUST_BE_DOCUMENTED = ['Class', 'Interface', 'TypeAlias', 'Function', 'Variable', 'CallSignature'];

/** Reads the docstrings. Needs the packages built; throws when a public name has none, or speaks of a type that is not public. */
async function readApi() {
  const source = (name) => join(CLIENT, name);
  const app = await Application.bootstrap({
    name: '@halo/client',
    readme: source('README.md'),
    tsconfig: source('tsconfig.build.json'),
    entryPoints: [
      'index.ts',
      'react/index.ts',
      'platform/browser/index.ts',
      'platform/node/index.ts',
      'outbox/outbox-contract.ts',
    ].map(source),
    requiredToBeDocumented: MUST_BE_DOCUMENTED,
    validation: { notDocumented: true, notExported: true, invalidLink: true },
    disableSources: true,
    hideGenerator: true,
    githubPages: false,
  });
  const project = await app.convert();
  if (project !== undefined) app.validate(project);
  const { errorCount, warningCount } = app.logger;
  if (project === undefined || errorCount + warningCount > 0) {
    throw new Error(`API docs: ${errorCount} errors and ${warningCount} warnings, as told above`);
  }
  return { app, project };
}

/** Throws when the docs could not be built without a fault. */
export const checkApiDocs = async () => void (await readApi());

/** Writes the docs into `client-sdk/dist/api` and returns that folder. */
export async function buildApiDocs() {
  const { app, project } = await readApi();
  const out = join(CLIENT, 'dist', 'api');
  await app.generateDocs(project, out);
  return out;
}
