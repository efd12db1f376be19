import { z } from 'zod';
import type { SettingsStore } from '../platform/device-store.ts';

/**
 * Who the server takes this device for. `seqBase` is subtracted from an outbox `seq` to give the `seq` on the
 * wire: it is 0 until the server has lost what it had settled, or this device has (a restored backup of either),
 * see `outbox/delivery-driver.ts`.
 */
export interface DeviceIdentity {
  readonly deviceId: string;
  readonly seqBase: number;
}

const identitySchema = z.object({ deviceId: z.uuid(), seqBase: z.number().int() });

/** The device's identity for an account, made once and kept. */
export async function loadIdentity(settings: SettingsStore, account: string): Promise<DeviceIdentity> {
  const text = await settings.get(keyOf(account));
  if (text !== undefined) return identitySchema.parse(JSON.parse(text));
  const made = newIdentity(0);
  await saveIdentity(settings, account, made);
  return made;
}

/** The id that the server knows this device by; undefined until one was made. Makes none: only who leads may. */
export async function knownDeviceId(settings: SettingsStore, account: string): Promise<string | undefined> {
  const text = await settings.get(keyOf(account));
  return text === undefined ? undefined : identitySchema.parse(JSON.parse(text)).deviceId;
}

/** A device that the server does not know yet; what has the `seq` after `seqBase` is its first mutation. */
export function newIdentity(seqBase: number): DeviceIdentity {
  return { deviceId: crypto.randomUUID(), seqBase };
}

/** Keeps a changed identity; durable when it resolves. */
export function saveIdentity(
  settings: SettingsStore,
  account: string,
  identity: DeviceIdentity,
): Promise<void> {
  return settings.set(keyOf(account), JSON.stringify(identity));
}

/** Forgets it, so that the account begins as a new device: after pending mutations were thrown away. */
export function forgetIdentity(settings: SettingsStore, account: string): Promise<void> {
  return settings.delete(keyOf(account));
}

const keyOf = (account: string) => `device.${account}`;
