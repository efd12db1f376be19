import { defineConfig } from 'vitest/config';
import { LongFirst } from './tests/support/long-first.ts';

const NEVER = ['**/node_modules/**', '**/dist/**'];
/** Journeys through a browser. */
const BROWSER = 'tests/browser/**/*.test.ts';
/** Whole processes that are killed, trained or watched for minutes. */
const LONG = 'tests/long/**/*.test.ts';

/** Starts a Postgres for each test: a minute that none of the other unit tests takes. */
const CLUSTER = 'server/db/embedded/cluster.test.ts';
/** Halo in this process, beside the tests of before. */
const SERVER = 'tests/{integration,contract}/**/*.test.ts';
/** Of these what needs a process to itself: replicas take hundreds of MB, and one measures the memory of its process. */
const ALONE = ['tests/integration/client-*.test.ts', 'tests/integration/shape-upstream-faults.test.ts'];
/** And what can share one. */
const SHARED = ['tests/integration/!(client-*|shape-upstream-faults).test.ts', 'tests/contract/**'];

export default defineConfig({
  test: {
    exclude: NEVER,
    setupFiles: ['tests/support/seed.ts'],
    globalSetup: ['tests/support/programs.ts', 'tests/support/cluster.ts'],
    pool: 'forks',
    // Twice the cores of the smallest machine: many tests wait for a process, a browser or a time.
    maxWorkers: 4,
    sequence: { sequencer: LongFirst },
    testTimeout: 180_000,
    hookTimeout: 180_000,
    teardownTimeout: 60_000,
    // What a page comes to show is asked for until it does: a deadline tells a hang from a wait, not fast from slow.
    expect: { poll: { timeout: 60_000, interval: 50 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{shapes,server}/**/*.test.{ts,tsx}'],
          exclude: [...NEVER, CLUSTER],
          // A process for each file would be half of their time. What a module keeps for all must bear another test beside it.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'server',
          include: [SERVER],
          exclude: [...NEVER, ...ALONE],
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['client-sdk/**/*.test.{ts,tsx}', 'tests/**/*.test.ts', CLUSTER],
          exclude: [...NEVER, BROWSER, LONG, ...SHARED],
        },
      },
      { extends: true, test: { name: 'long', include: [LONG], sequence: { groupOrder: 1 } } },
      {
        extends: true,
        // After the others and fewer at once: a browser that draws maps without a graphics card takes a core for itself.
        test: { name: 'browser', include: [BROWSER], maxWorkers: 3, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
