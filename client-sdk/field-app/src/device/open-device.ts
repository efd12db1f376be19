import { shapesToKeep } from './shapes-to-keep.ts';
import type { OpenDevice } from './device-session.ts';

/** Name of the browser's stores. */
const STORE_NAME = 'halo';

/**
 * Opens the real device. The client (with its Postgres) is loaded only now, so that the first paint does not
 * wait for it.
 */
export const openDevice: OpenDevice = async ({ email, password, regions, role }) => {
  const [{ openHalo }, { browserStore }] = await Promise.all([
    import('@halo/client'),
    import('@halo/client/browser'),
  ]);
  return openHalo({
    url: location.origin,
    store: browserStore(STORE_NAME),
    auth: password === undefined ? { email } : { email, password },
    shapes: shapesToKeep(regions, role),
  });
};
