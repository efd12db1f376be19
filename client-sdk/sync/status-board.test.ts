import { expect, it, onTestFinished, vi } from 'vitest';
import { StatusBoard } from './status-board.ts';

it('a listener that throws keeps nobody else from hearing, and is reported as uncaught', () => {
  const uncaught: (() => void)[] = [];
  vi.stubGlobal('queueMicrotask', (task: () => void) => uncaught.push(task));
  onTestFinished(() => void vi.unstubAllGlobals());
  const board = new StatusBoard([], () => 0);
  const heard: string[] = [];
  board.onStatus(() => {
    throw new Error('of the app');
  });
  board.onStatus(({ network }) => heard.push(network));
  board.network('offline');
  expect(heard).toEqual(['offline']);
  expect(uncaught).toHaveLength(1);
  expect(uncaught[0]).toThrow('of the app');
});

it('tells of the outbox also when its counts are the same, since other entries may be in it', () => {
  const board = new StatusBoard([], () => 0);
  const heard: object[] = [];
  board.onStatus(({ outbox }) => heard.push(outbox));
  board.outbox({ pending: 1, rejected: 0 });
  board.outbox({ pending: 1, rejected: 0 });
  board.network('online');
  expect(heard).toHaveLength(3);
  expect(heard[1]).not.toBe(heard[0]);
  // What has nothing to do with the outbox leaves it as it is.
  expect(heard[2]).toBe(heard[1]);
});
