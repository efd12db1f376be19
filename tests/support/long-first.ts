import { relative } from 'node:path';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** Where the long tests are, the longest first: the demo that trains, then those of whole processes and of time. */
const LONG = [
  /^tests\/long\/demo/,
  /^tests\/(long|end-to-end|model)\//,
  /^tests\/integration\/client-/,
  /^tests\//,
];

/** Begins with the long tests, so that none of them is left at the end to run alone. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification) => {
      const path = relative(this.ctx.config.root, moduleId);
      const found = LONG.findIndex((pattern) => pattern.test(path));
      return found === -1 ? LONG.length : found;
    };
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}
