import { z } from 'zod';
import type { SettingsStore } from '../platform/device-store.ts';

/**
 * Who the server takes this device for. `seqBase` is subtracted from an outbox `seq` to give the `seq` on the
 * wire: it is 0 until the server has lost what it had settled (a restored backup), see `outbox/delivery.ts`.
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
  const made = { deviceId: crypto.randomUUID(), seqBase: 0 };
  await saveIdentity(settings, account, made);
  return made;
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
