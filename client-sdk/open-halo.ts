import type { Halo, HaloOptions } from './api.ts';
import { HaloClientError } from './errors.ts';
import { subscriptionsOf } from './replica/subscription.ts';
import { accountName } from './sync/account.ts';
import { Device } from './sync/device.ts';
import { realEnvironment } from './sync/environment.ts';
import type { Environment } from './sync/environment.ts';

/**
 * Opens a device: its outbox, ready when this resolves; its replica and streams, which follow (see
 * `status()`, `whenLive()`). Works without a network. Fails with `invalid_options`, `unknown_shape`,
 * `store_in_use`, `store_damaged` or `account_unknown`.
 */
export async function openHalo(
  options: HaloOptions,
  environment: Environment = realEnvironment,
): Promise<Halo> {
  if (!/^https?:/.test(options.url) || !URL.canParse(options.url)) {
    const message = 'The option url must be the http(s) origin of the server.';
    throw new HaloClientError('invalid_options', message, { field: 'url' });
  }
  const subscriptions = subscriptionsOf(options.shapes);
  try {
    const account = await accountName(options.auth, options.store);
    const outbox = await options.store.openOutbox(account);
    return new Device({ options, account, outbox, subscriptions, environment });
  } catch (error) {
    await options.store.close();
    throw error;
  }
}
