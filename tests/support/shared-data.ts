import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const ROOT = fileURLToPath(new URL('../../../shared/', import.meta.url));

/** Path of something in the folder of real data that lies beside the project, and is no part of it. */
export function sharedPath(...parts: string[]): string {
  return join(ROOT, ...parts);
}

/**
 * Whether that data is there; says on standard error what is skipped when it is not. For
 * `describe.skipIf(!hasSharedData('…'))`.
 */
export function hasSharedData(...parts: string[]): boolean {
  const there = existsSync(sharedPath(...parts));
  if (!there)
    process.stderr.write(`skipped: the real data ${parts.join('/')} are not beside this checkout\n`);
  return there;
}
