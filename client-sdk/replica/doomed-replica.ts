import type { SettingsStore } from '../platform/device-store.ts';

/** Says durably that the account's replica must go before it is used again: its owner has logged out. */
export function doomReplica(settings: SettingsStore, account: string): Promise<void> {
  return settings.set(keyOf(account), 'logged out');
}

/** Whether it must go. */
export async function isReplicaDoomed(settings: SettingsStore, account: string): Promise<boolean> {
  return (await settings.get(keyOf(account))) !== undefined;
}

/** It has gone. */
export function replicaIsGone(settings: SettingsStore, account: string): Promise<void> {
  return settings.delete(keyOf(account));
}

const keyOf = (account: string) => `replica.doomed.${account}`;
