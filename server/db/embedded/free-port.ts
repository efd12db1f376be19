import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { HaloError } from '../../platform/errors.ts';

/** `wanted` if nobody listens on it on loopback, else any free port. */
export async function freePort(wanted: number): Promise<number> {
  const port = (await tryPort(wanted)) ?? (await tryPort(0));
  if (port === undefined) throw new HaloError('no_free_port', 'No port of 127.0.0.1 is free.');
  return port;
}

/** Whether nobody listens on `port`. */
export async function isFree(port: number): Promise<boolean> {
  return (await tryPort(port)) !== undefined;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(port, '127.0.0.1', () => {
      const { port: free } = probe.address() as AddressInfo;
      probe.close(() => resolve(free));
    });
  });
}
