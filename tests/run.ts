import { startVitest } from 'vitest/node';

// What `npm test` runs: every test, or those whose path contains one of the arguments.
const filters = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const vitest = await startVitest('test', filters, { run: true, watch: false });
const tests = [...vitest.state.getTestModules()].flatMap((module) => [...module.children.allTests()]);
const count = (state: string) => tests.filter((test) => test.result().state === state).length;
const brokenModules = vitest.state.getTestModules().filter((module) => module.errors().length > 0).length;
const failed = count('failed') + brokenModules + vitest.state.getUnhandledErrors().length;

for (const test of tests.filter((candidate) => candidate.result().state === 'skipped')) {
  process.stdout.write(`skipped: ${test.module.relativeModuleId}: ${test.fullName}\n`);
}
await vitest.close();
process.stdout.write(`${count('passed')} passed, ${failed} failed, ${count('skipped')} skipped\n`);
process.exitCode = failed === 0 && count('passed') > 0 ? 0 : 1;
