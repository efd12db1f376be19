import { expect, it } from 'vitest';
import { HaloError } from '../../platform/errors.ts';
import { boundedWork } from './bounded-work.ts';

const never = new AbortController().signal;
const late = () => new HaloError('too_late', 'It is late.');
const unanswered = () => new Promise<never>(() => {});

it('leaves behind what does not return after its bound, and after a stop', async () => {
  await expect(boundedWork(unanswered, never, { boundMs: 1, graceMs: 1 }, late)).rejects.toMatchObject({
    code: 'backup_place_hangs',
  });
  const stop = new AbortController();
  const stopped = boundedWork(unanswered, stop.signal, { boundMs: 3_600_000, graceMs: 1 }, late);
  stop.abort(new Error('stopped'));
  await expect(stopped).rejects.toMatchObject({ code: 'backup_place_hangs' });
});

it('gives what ends when it is told to the time for it, and fails with why', async () => {
  const orderly = (stop: AbortSignal) =>
    new Promise<never>((_, reject) => {
      stop.addEventListener('abort', () => setTimeout(() => reject(stop.reason as Error), 5));
    });
  const bounds = { boundMs: 1, graceMs: 3_600_000 };
  await expect(boundedWork(orderly, never, bounds, late)).rejects.toMatchObject({ code: 'too_late' });
  const stop = new AbortController();
  const stopped = boundedWork(orderly, stop.signal, { ...bounds, boundMs: 3_600_000 }, late);
  stop.abort(new Error('stopped'));
  await expect(stopped).rejects.toThrow('stopped');
});

it('resolves as the work does', async () => {
  const bounds = { boundMs: 3_600_000, graceMs: 3_600_000 };
  expect(await boundedWork(() => Promise.resolve('done'), never, bounds, late)).toBe('done');
});
