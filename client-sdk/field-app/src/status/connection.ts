import type { HaloStatus, ShapeVerification, StreamStatus } from '@halo/client';
import { count } from '../texts/format.ts';
import { errorText, t } from '../texts/texts.ts';

/** How the device and the server stand to each other, as one word to act on. */
export type ConnectionState = keyof typeof t.connection.states;

/** The most pressing of what the status tells: what only the person can mend, then what stands still, then the rest. */
export function connectionOf(status: HaloStatus, loginNeeded: boolean): ConnectionState {
  const { network, streams, replica, error } = status;
  if (loginNeeded) return 'login';
  if (network === 'offline') return 'offline';
  if (error !== undefined || streams.some(({ state }) => state === 'refused')) return 'refused';
  if (replica.state === 'unavailable') return 'no_replica';
  if (replica.state === 'opening') return 'opening';
  if (network === 'connecting') return 'connecting';
  if (streams.some(({ state }) => state === 'stalled')) return 'stalled';
  if (streams.some(({ state }) => state === 'connecting')) return 'connecting';
  return streams.every(({ state }) => state === 'live') ? 'live' : 'behind';
}

/** What a stream follows, in words; a county by its name. */
export function streamName(shape: string, areaName: (code: string) => string | undefined): string {
  const [name = shape, query = ''] = shape.split('?');
  const names: Readonly<Record<string, string>> = t.connection.shapes;
  const region = new URLSearchParams(query).get('region');
  const words = names[name] ?? name;
  return region === null ? words : `${words}: ${areaName(region) ?? region}`;
}

/** How a stream's rows last compared with the server's, in words. */
export function comparisonWords(verification: ShapeVerification | undefined): string {
  if (verification === undefined) return t.connection.notYet;
  const { outcome, device, error } = verification;
  switch (outcome) {
    case 'equal':
      return t.connection.equal(count(device ?? 0));
    case 'different':
      return t.connection.different;
    case 'not_compared':
      return t.connection.not_compared(errorText(error?.code ?? 'unknown', error?.message));
  }
}

/** Why a stream is refused or stands still, in words; undefined where nothing is wrong. */
export function streamFault({ error }: StreamStatus): string | undefined {
  return error === undefined ? undefined : errorText(error.code, error.message);
}
