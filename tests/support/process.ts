import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { eventually } from './eventually.ts';
import { commandOf } from './programs.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A child process under test, whose output is kept and which can be killed at will. */
export interface TestProcess {
  readonly pid: number;
  /** All that it has written so far, both streams. */
  output(): string;
  /** Writes a line to its standard input. */
  send(line: string): void;
  /** Ends its standard input. */
  closeInput(): void;
  /** The first line, past `from` characters of output, that matches. */
  waitFor(pattern: RegExp, options?: { withinMs?: number; from?: number }): Promise<RegExpExecArray>;
  /** Sends the signal and resolves with the exit code (null when a signal ended it). */
  kill(signal: NodeJS.Signals): Promise<number | null>;
  readonly exited: Promise<number | null>;
}

const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** A failed test leaves its processes to nobody; outside of a test (in a bench) their starter ends them. */
function killWhenTestEnds(child: ChildProcess): void {
  try {
    onTestFinished(() => void child.kill('SIGKILL'));
  } catch {
    // Not within a test.
  }
}

/** Runs a TypeScript entry of this repository in a process of its own, from the repository's root. */
export function startProcess(
  entry: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  nodeOptions: readonly string[] = [],
): TestProcess {
  return startNode([...nodeOptions, ...commandOf(entry), ...args], ROOT, env);
}

/** Runs Node with these arguments in the folder `cwd`, in a process of its own. */
export function startNode(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): TestProcess {
  const child = spawn(process.execPath, [...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.add(child);
  killWhenTestEnds(child);
  let output = '';
  /** It has ended, and all that it has written was read. */
  let closed = false;
  child.once('close', () => (closed = true));
  const collect = (bytes: Buffer) => (output += bytes.toString('utf8'));
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  // Writing to a process that has just been killed is no fault of the test.
  child.stdin.on('error', () => {});
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      children.delete(child);
      resolve(code);
    });
  });

  return {
    pid: child.pid ?? -1,
    output: () => output,
    send: (line) => void child.stdin.write(`${line}\n`),
    closeInput: () => void child.stdin.end(),
    async waitFor(pattern, { withinMs = 60_000, from = 0 } = {}) {
      const found = await eventually(
        () => {
          const match = pattern.exec(output.slice(from));
          if (match === null && !closed) throw new Error(`no ${pattern} in its output:\n${output}`);
          return match;
        },
        { withinMs },
      );
      if (found === null)
        throw new Error(`it has ended with ${child.exitCode}, without ${pattern}:\n${output}`);
      return found;
    },
    async kill(signal) {
      child.kill(signal);
      return exited;
    },
    exited,
  };
}
