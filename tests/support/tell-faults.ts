import { isHaloError } from '../../server/platform/errors.ts';
import type { HaloError } from '../../server/platform/errors.ts';

/**
 * Does what an npm script of `tests/` does. What Halo raises on purpose is told in a sentence, and the exit code is 1: whoever gave
 * the command can do something about it. Anything else is a fault of the command, and its stack tells where.
 *
 * @param helps whether an error's hint helps here
 */
export async function tellFaults(
  work: () => Promise<void>,
  helps: (error: HaloError) => boolean = () => true,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isHaloError(error)) throw error;
    const hint = error.hint === undefined || !helps(error) ? '' : ` ${error.hint}`;
    process.stderr.write(`${error.message}${hint} [${error.code}]\n`);
    process.exitCode = 1;
  }
}
