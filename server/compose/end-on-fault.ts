import { messageOf } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { within } from '../platform/within.ts';
import type { Closers } from './closers.ts';
import { exitAtOnce } from './end-process.ts';

/** What is told and ended when a fault comes that nobody caught. Each part is asked for only then: it may have begun late. */
export interface FaultParts {
  logger(): Logger;
  /** Lets what runs come to its end, in order. */
  end(fault: Error): Promise<unknown>;
  /** What is closed where that takes too long; undefined while nothing is open. */
  closers(): Closers | undefined;
  /** Sends what was reported; waited for briefly. */
  flush?(): Promise<void>;
}

/** Whether the process ends of a fault. */
export interface FaultWatch {
  /** Nothing is to be begun any more, and no other exit code to be chosen. */
  begun(): boolean;
}

/** How long an end may take, in milliseconds. */
export interface FaultBounds {
  /** In order: as for a signal, with what a start that is under way needs to be done. */
  readonly orderlyMs: number;
  /** Each single thing that is still open then, the embedded Postgres among them. */
  readonly eachMs: number;
  readonly flushMs: number;
  /** All of it; then the process is gone, whatever is left behind. */
  readonly allMs: number;
}

const BOUNDS: FaultBounds = { orderlyMs: 60_000, eachMs: 10_000, flushMs: 5_000, allMs: 120_000 };
/** Faults that are told: one that comes again and again must not fill the disk with its lines while the process ends. */
const MAX_TOLD = 10;

/** What is used of the process. */
export interface FaultyProcess {
  on(event: 'uncaughtException', hear: (fault: unknown) => void): unknown;
  exit(code: number): void;
  exitCode?: number | string | null | undefined;
  readonly stderr: { write(text: string): unknown };
}

const OWN_PROCESS: FaultyProcess = {
  on: (event, hear) => process.on(event, hear),
  exit: (code) => exitAtOnce(code),
  // Also where nothing is left to wait for, and the process ends by itself.
  set exitCode(code: number | string | null | undefined) {
    process.exitCode = code ?? undefined;
  },
  stderr: process.stderr,
};

/**
 * From now on a fault that nobody caught ends the process in order, with 1: it is one line of the log, which reports it, and a sentence
 * on standard error for who has the log off; then all that runs is ended, for Node alone would leave the embedded Postgres behind. Going on
 * is no choice: nobody knows what the fault has left half done. Others that come meanwhile are told, and change nothing.
 */
export function endOnFault(
  parts: FaultParts,
  host: FaultyProcess = OWN_PROCESS,
  bounds: FaultBounds = BOUNDS,
): FaultWatch {
  let goneAtMs: number | undefined;
  let told = 0;
  // Rejections that nobody handles come here, too: Node makes uncaught exceptions of them where nobody listens to them.
  host.on('uncaughtException', (thrown) => {
    const fault = asError(thrown);
    const isFirst = goneAtMs === undefined;
    // Where faults come so fast that no timer has its turn.
    if (goneAtMs !== undefined && performance.now() > goneAtMs) return host.exit(1);
    goneAtMs ??= performance.now() + bounds.allMs;
    host.exitCode = 1;
    told += 1;
    if (told <= MAX_TOLD) tellLog(parts, fault, isFirst);
    if (!isFirst) return;
    // Only once: standard error may itself be what is broken.
    tellPeople(host, fault);
    void within(bounds.allMs, endAll(parts, fault, bounds)).then(
      () => host.exit(1),
      () => host.exit(1),
    );
  });
  return { begun: () => goneAtMs !== undefined };
}

async function endAll(parts: FaultParts, fault: Error, bounds: FaultBounds): Promise<void> {
  await attempt(parts, fault, () => within(bounds.orderlyMs, parts.end(fault)));
  // Nothing is open any more, unless something hung: then whatever is left is closed without it.
  await attempt(parts, fault, () => parts.closers()?.closeAll(bounds.eachMs));
  await attempt(parts, fault, () => parts.flush && within(bounds.flushMs, parts.flush()));
}

/** What fails on the way out must not keep the rest from being done. */
async function attempt(parts: FaultParts, fault: Error, work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    // A start or a command that was aborted for the fault fails with it.
    if (error !== fault) tellLog(parts, asError(error), false);
  }
}

/** A log that fails has nobody to be told to; thrown from here, it would end the process at once. */
function tellLog(parts: FaultParts, err: Error, isFirst: boolean): void {
  try {
    const what = isFirst ? 'a fault that nobody caught ends the process' : 'and another, while it ends';
    parts.logger().fatal({ err, component: 'process' }, what);
  } catch {
    // The sentence on standard error says it.
  }
}

/** As `tellLog`: a full disk can make writing throw. */
function tellPeople({ stderr }: FaultyProcess, { message }: Error): void {
  try {
    stderr.write(`Halo broke down: ${message.replaceAll(/\s+/g, ' ')}\n`);
  } catch {
    // The log says it.
  }
}

function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  try {
    return new Error(`What is no error was thrown: ${messageOf(thrown)}`);
  } catch {
    return new Error('What is no error, and has no text, was thrown.');
  }
}
