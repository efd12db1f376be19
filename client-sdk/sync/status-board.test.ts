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
