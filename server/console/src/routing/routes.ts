/** Where the console stands on its server. */
export const BASE = '/console';

/** Its pages, in the order of the navigation. */
export const PAGES = [
  'overview',
  'alerts',
  'devices',
  'mutations',
  'shapes',
  'replication',
  'feeds',
  'jobs',
  'models',
  'map',
  'users',
  'tokens',
  'audit',
] as const;
export type Page = (typeof PAGES)[number];

/** Where one is: a page, and what of it by name (`/console/devices/{id}`). */
export interface Place {
  readonly page: Page | undefined;
  readonly id: string | undefined;
}

/** The place that a path names; its page is undefined where there is none. */
export function placeOf(pathname: string): Place {
  if (pathname === BASE || pathname === `${BASE}/`) return { page: 'overview', id: undefined };
  if (!pathname.startsWith(`${BASE}/`)) return { page: undefined, id: undefined };
  const [name = '', id, ...more] = pathname.slice(BASE.length + 1).split('/');
  const page = more.length === 0 ? PAGES.find((known) => known === name) : undefined;
  return { page, id: page === undefined || id === '' ? undefined : id };
}

/** The path of a place, with what is chosen there. */
export function pathOf(
  page: Page,
  id?: string,
  choices: Readonly<Record<string, string | undefined>> = {},
): string {
  const path = page === 'overview' ? BASE : `${BASE}/${page}`;
  const query = new URLSearchParams(
    Object.entries(choices).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
    ),
  ).toString();
  return `${path}${id === undefined ? '' : `/${id}`}${query === '' ? '' : `?${query}`}`;
}
