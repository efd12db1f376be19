import { defineConfig } from 'vitest/config';
import { LongFirst } from './tests/support/long-first.ts';

/** Long journeys through a browser, which `npm run test:browser` makes. */
const BROWSER = 'tests/browser/**/*.test.ts';

export default defineConfig({
  test: {
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: ['tests/support/programs.ts', 'tests/support/cluster.ts'],
    pool: 'forks',
    // Twice the cores of the smallest machine: many tests wait for a process, a browser or a time.
    maxWorkers: 4,
    sequence: { sequencer: LongFirst },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'main',
          include: ['{shapes,server,client-sdk,tests}/**/*.test.{ts,tsx}'],
          exclude: ['**/node_modules/**', '**/dist/**', BROWSER],
        },
      },
      { extends: true, test: { name: 'browser', include: [BROWSER] } },
    ],
  },
});
