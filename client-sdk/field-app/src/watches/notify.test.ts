import { afterEach, expect, it, vi } from 'vitest';
import { notify } from './notify.ts';

const notice = { title: 'You are at Home', body: 'One incident.', tag: 'home' } as Parameters<
  typeof notify
>[0];

/** The worker's part of a browser that allows notices; `isActive` is whether the worker is installed when it is first asked for. */
function browserWith(isActive: boolean) {
  const shown: string[] = [];
  const active = { showNotification: (title: string) => Promise.resolve(void shown.push(title)), active: {} };
  const installing = {
    showNotification: () => Promise.reject(new TypeError('no active worker')),
    active: null,
  };
  let resolve: (registration: typeof active) => void = () => {};
  const ready = new Promise<typeof active>((done) => (resolve = done));
  vi.stubGlobal('Notification', { permission: 'granted' });
  vi.stubGlobal('navigator', {
    serviceWorker: { ready, getRegistration: () => Promise.resolve(isActive ? active : installing) },
  });
  return { shown, installed: () => resolve(active) };
}

afterEach(() => vi.unstubAllGlobals());

it('is shown by a worker that is there, and by one that is installed later', async () => {
  const there = browserWith(true);
  notify(notice);
  await vi.waitFor(() => expect(there.shown).toEqual([notice.title]));

  const later = browserWith(false);
  notify(notice);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(later.shown).toEqual([]);
  later.installed();
  await vi.waitFor(() => expect(later.shown).toEqual([notice.title]));
});

it('is not looked for where notices are not allowed', () => {
  browserWith(true);
  vi.stubGlobal('Notification', { permission: 'denied' });
  vi.stubGlobal('navigator', {});
  expect(() => notify(notice)).not.toThrow();
});
