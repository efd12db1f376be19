import { HaloClientError, messageOf } from './errors.ts';

/**
 * Loads a part of the client that apps do not load at their start. Fails with `part_not_loaded` where its file is not to
 * be had: there is no network and the app's offline cache is without it, or a new version has taken it off the server.
 */
export async function loadPart<Part>(load: () => Promise<Part>): Promise<Part> {
  try {
    return await load();
  } catch (cause) {
    const message = `A part of the app is missing; load the page again with a network: ${messageOf(cause)}`;
    throw new HaloClientError('part_not_loaded', message, { cause });
  }
}
