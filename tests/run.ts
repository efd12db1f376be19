import { fileURLToPath } from 'node:url';
import { parseCLI, startVitest } from 'vitest/node';

// What `npm test`, `npm run test:long` and `npm run test:browser` run: every test of theirs, or those whose path contains one
// of the arguments. Vitest's own options work too, e.g. `npm test -- server/db -t lock`.
process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const { filter, options } = parseCLI(['vitest', 'run', ...process.argv.slice(2)]);
const project = options.project ?? ['unit', 'server', 'whole'];
const vitest = await startVitest('test', filter, { ...options, project, run: true, watch: false });
const modules = vitest.state.getTestModules();
const tests = modules.flatMap((module) => [...module.children.allTests()]);
const count = (state: string) => tests.filter((test) => test.result().state === state).length;
const brokenModules = modules.filter((module) => module.errors().length > 0).length;
const failed = count('failed') + brokenModules + vitest.state.getUnhandledErrors().length;

for (const test of tests.filter((candidate) => candidate.result().state === 'skipped')) {
  process.stdout.write(`skipped: ${test.module.relativeModuleId}: ${test.fullName}\n`);
}
await vitest.close();
// Others read this line: it stands alone, and is the last.
process.stdout.write(`${count('passed')} passed, ${failed} failed, ${count('skipped')} skipped\n`);
process.exitCode = failed === 0 && count('passed') > 0 ? 0 : 1;
