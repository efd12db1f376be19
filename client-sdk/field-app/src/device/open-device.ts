import { shapesToKeep } from './shapes-to-keep.ts';
import type { HaloAuth } from '@halo/client';
import type { OpenDevice } from './device-session.ts';

/** Name of the browser's stores. */
const STORE_NAME = 'halo';

/**
 * Opens the real device. The client (with its Postgres) is loaded only now, so that the first paint does not
 * wait for it.
 */
export const openDevice: OpenDevice = async ({ email, password, counties, role }) => {
  const [{ openHalo }, { browserStore }] = await Promise.all([
    import('@halo/client'),
    import('@halo/client/browser'),
  ]);
  return openHalo({
    url: location.origin,
    store: browserStore(STORE_NAME),
    auth: authOf(email, password),
    shapes: shapesToKeep(counties, role),
    appVersion: import.meta.env.HALO_APP_VERSION,
  });
};

function authOf(email: string | undefined, password: string | undefined): HaloAuth {
  if (email === undefined) return { anonymous: true };
  return password === undefined ? { email } : { email, password };
}
