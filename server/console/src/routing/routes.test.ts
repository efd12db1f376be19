import { expect, it } from 'vitest';
import { PAGES, pathOf, placeOf } from './routes.ts';

it('every page has one path, and its path names it', () => {
  for (const page of PAGES) {
    expect(placeOf(pathOf(page))).toEqual({ page, id: undefined });
    expect(placeOf(pathOf(page, 'x-1')).page).toBe(page === 'overview' ? undefined : page);
  }
  expect(placeOf('/console/devices/0b1c')).toEqual({ page: 'devices', id: '0b1c' });
});

it('a path that names no page is no other page', () => {
  for (const path of ['/console/nothing', '/console/devices/a/b', '/consoles', '/'])
    expect(placeOf(path).page).toBeUndefined();
});

it('leaves out of a path what is not chosen', () => {
  expect(pathOf('devices', undefined, { state: 'stuck', q: undefined, region: '' })).toBe(
    '/console/devices?state=stuck',
  );
});
