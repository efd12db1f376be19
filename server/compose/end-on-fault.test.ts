import { expect, it } from 'vitest';
import { createLogger } from '../platform/logger.ts';
import { createClosers } from './closers.ts';
import { endOnFault } from './end-on-fault.ts';
import type { FaultBounds, FaultParts } from './end-on-fault.ts';

const AT_ONCE: FaultBounds = { orderlyMs: 1, eachMs: 1, flushMs: 1, allMs: 60_000 };
const NEVER = new Promise<never>(() => {});

/** A process of a test's own; `gone` resolves with the exit code. */
function watched(changes: Partial<FaultParts> = {}, bounds: FaultBounds = AT_ONCE) {
  const done: string[] = [];
  const lines: { level: number; msg: string; err?: { message: string } }[] = [];
  const logger = createLogger('info', {
    write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[0]),
  });
  const closers = createClosers(logger);
  for (const name of ['postgres', 'pool']) closers.add(name, () => void done.push(`${name} closed`));
  let throwIt: (fault: unknown) => void = () => {};
  let exit: (code: number) => void = () => {};
  const gone = new Promise<number>((resolve) => (exit = resolve));
  const host = {
    on: (_: 'uncaughtException', hear: typeof throwIt) => void (throwIt = hear),
    exit: (code: number) => {
      done.push('gone');
      exit(code);
    },
    exitCode: undefined as number | string | null | undefined,
    stderr: { write: (text: string) => void done.push(text.trimEnd()) },
  };
  const parts: FaultParts = {
    logger: () => logger,
    end: () => closers.closeAll(),
    closers: () => closers,
    flush: () => Promise.resolve(void done.push('flushed')),
    ...changes,
  };
  const watch = endOnFault(parts, host, bounds);
  return { done, lines, closers, host, gone, watch, throwIt: (fault: unknown) => throwIt(fault) };
}

it('tells, ends in order, sends what was reported, and is gone', async () => {
  const { done, lines, host, gone, watch, throwIt } = watched();
  expect(watch.begun()).toBe(false);
  throwIt(new Error('torn'));
  expect(watch.begun()).toBe(true);
  expect(host.exitCode).toBe(1);
  expect(await gone).toBe(1);
  expect(done).toEqual(['Halo broke down: torn', 'pool closed', 'postgres closed', 'flushed', 'gone']);
  expect(lines).toMatchObject([{ level: 60, err: { message: 'torn' } }]);
});

it('closes Postgres also where the orderly end hangs, and something that is closed before it', async () => {
  const { done, lines, closers, gone, throwIt } = watched({ end: () => NEVER });
  closers.add('jobs', () => NEVER);
  throwIt(new Error('torn'));
  expect(await gone).toBe(1);
  expect(done.slice(1)).toEqual(['pool closed', 'postgres closed', 'flushed', 'gone']);
  expect(lines.map(({ msg }) => msg)).toContain('could not be closed in time');
});

it('is gone also where all of it hangs, and where nothing is open yet', async () => {
  const hangs = watched({ end: () => NEVER, flush: () => NEVER });
  hangs.throwIt(new Error('torn'));
  expect(await hangs.gone).toBe(1);
  const late = watched({ end: () => NEVER }, { ...AT_ONCE, orderlyMs: 60_000, allMs: 1 });
  late.throwIt(new Error('torn'));
  expect(await late.gone).toBe(1);
  const early = watched({ end: () => Promise.resolve(), closers: () => undefined });
  early.throwIt(new Error('torn'));
  expect(await early.gone).toBe(1);
});

it('begins its end once, whatever comes meanwhile, and tells ten of a thousand', async () => {
  let ends = 0;
  const { done, lines, gone, throwIt } = watched({
    end: () => {
      ends += 1;
      return Promise.reject(new Error('could not end'));
    },
  });
  for (let i = 0; i < 1_000; i += 1) throwIt(new Error(`torn ${i}`));
  expect(await gone).toBe(1);
  expect(ends).toBe(1);
  expect(done.filter((one) => one.startsWith('Halo broke'))).toEqual(['Halo broke down: torn 0']);
  const torn = lines.filter(({ err }) => err?.message.startsWith('torn'));
  expect(torn.map(({ err }) => err!.message)).toEqual(Array.from({ length: 10 }, (_, i) => `torn ${i}`));
  expect(lines.at(-1)).toMatchObject({ err: { message: 'could not end' } });
});

it('does not wait for a timer where faults leave none its turn', () => {
  const { done, throwIt } = watched({ end: () => NEVER }, { ...AT_ONCE, allMs: -1 });
  throwIt(new Error('torn'));
  throwIt(new Error('torn again'));
  expect(done).toEqual(['Halo broke down: torn', 'gone']);
});

it('is told of what is no error, and by standard error alone where the log is what breaks', async () => {
  const faults: [unknown, string][] = [
    ['a text', 'What is no error was thrown: a text'],
    [undefined, 'What is no error was thrown: undefined'],
    [Object.create(null), 'What is no error, and has no text, was thrown.'],
    [new Error('two\n  lines'), 'two\n  lines'],
  ];
  for (const [thrown, text] of faults) {
    const { done, lines, gone, throwIt } = watched();
    throwIt(thrown);
    expect(await gone).toBe(1);
    expect(done[0]).toBe(`Halo broke down: ${text.replace('\n  ', ' ')}`);
    expect(lines).toMatchObject([{ err: { message: text } }]);
  }
  const { done, gone, throwIt } = watched({
    logger: () => {
      throw new Error('no log');
    },
  });
  throwIt(new Error('torn'));
  expect(await gone).toBe(1);
  expect(done[0]).toBe('Halo broke down: torn');
});

it('ends in order also where standard error is what breaks', async () => {
  const { done, host, gone, throwIt } = watched();
  host.stderr.write = () => {
    throw new Error('ENOSPC');
  };
  throwIt(new Error('torn'));
  expect(await gone).toBe(1);
  expect(done).toEqual(['pool closed', 'postgres closed', 'flushed', 'gone']);
});
