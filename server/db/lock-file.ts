import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { startOfProcess } from './process-identity.ts';
import { processSpace } from './process-space.ts';

/** Who holds a data directory, as the lock file says. */
export interface Holder {
  readonly pid: number;
  /** Tells the process from a later one of the same number. */
  readonly started: string | undefined;
  readonly host: string | undefined;
  /** Where `pid` counts; undefined in a lock from before it was noted, whose holder counts as one of here. */
  readonly space: string | undefined;
}

/** A lock of this process, which says what no other lock ever has: its heirs are named after that. */
export function ownLock(): string {
  const holder: Holder & { readonly token: string } = {
    pid: process.pid,
    started: startOfProcess(process.pid),
    host: hostname(),
    space: processSpace(),
    token: randomUUID(),
  };
  return JSON.stringify(holder);
}

/** A torn lock names nobody alive. */
export function parseLock(contents: string): Holder {
  try {
    const { pid, started, host, space } = JSON.parse(contents) as Partial<Holder>;
    return { pid: typeof pid === 'number' ? pid : -1, started, host, space };
  } catch {
    return { pid: -1, started: undefined, host: undefined, space: undefined };
  }
}

/** Milliseconds since the file was last touched; undefined when it is gone. */
export function ageMs(file: string): number | undefined {
  return unlessGone(() => Date.now() - statSync(file).mtimeMs);
}

/** The contents; undefined when it is gone. */
export function readOptional(file: string): string | undefined {
  return unlessGone(() => readFileSync(file, 'utf8'));
}

/** Moves a file; false when it is gone. */
export function renamed(from: string, to: string): boolean {
  return unlessGone(() => (renameSync(from, to), true)) ?? false;
}

/** Gives the file at `from` the name `to` as well; false when that name is taken. */
export function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
