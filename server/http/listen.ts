import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { HaloError } from '../platform/errors.ts';
import { closeQueuedAnswers } from './queued-answers.ts';
import { cutSlowReaders } from './slow-readers.ts';
import { answerUpgrades } from './upgrades.ts';
import type { Upgrade } from '../platform/upgrade.ts';

/** Requests get this long to finish when the server stops. */
const DRAIN_MS = 10_000;
const HEADERS_TIMEOUT_MS = 15_000;
/** A request's body must have arrived by then. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Longer than a long poll, so that a connection is not closed between two of them. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
/** A connection over which nothing has moved for this long is cut: a reader that stalls comes back later. */
const SOCKET_TIMEOUT_MS = 65_000;
const MAX_CONNECTIONS = 20_000;
/**
 * Connections that wait to be accepted (the kernel has a bound of its own, often 4,096). Beyond it the kernel drops them
 * and the client tries again after a second or more: many devices come back at once after a restart.
 */
const BACKLOG = 4_096;
/** A connection that falls idle during the drain is closed within this time; Node does not do so itself. */
const IDLE_SWEEP_MS = 50;

/** What answers requests: a Hono app of whatever environment. */
export interface Fetcher {
  fetch(request: Request, bindings?: object): Response | Promise<Response>;
}

/** A listening server. */
export interface Listening {
  readonly url: string;
  /** Takes no new connection, lets requests under way finish, and cuts those that do not in time. */
  close(): Promise<void>;
}

/** Listens; fails with `port_in_use` or `address_unavailable`, naming the variable to change. */
export async function listen(
  app: Fetcher,
  host: string,
  port: number,
  drainMs: number = DRAIN_MS,
): Promise<Listening> {
  const upgrades = new WeakMap<IncomingMessage, Upgrade>();
  const listener = getRequestListener((request, env) => {
    const upgrade = upgrades.get(env.incoming as IncomingMessage);
    return app.fetch(request, upgrade === undefined ? env : { ...env, upgrade });
  });
  const server = createServer((request, response) => void listener(request, response));
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.setTimeout(SOCKET_TIMEOUT_MS);
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  server.maxConnections = MAX_CONNECTIONS;
  cutSlowReaders(server);
  closeQueuedAnswers(server);
  answerUpgrades(server, (request, response, upgrade) => {
    upgrades.set(request, upgrade);
    void listener(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(refusal(error, host, port)));
    server.listen(port, host, BACKLOG, resolve);
  });
  const address = server.address() as AddressInfo;
  const name = host === '127.0.0.1' || host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return {
    url: `http://${name}:${address.port}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), drainMs);
      const sweeper = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
      await closed;
      clearTimeout(timer);
      clearInterval(sweeper);
    },
  };
}

function refusal(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new HaloError('port_in_use', `Port ${port} is in use by another program.`, {
      field: 'PORT',
      hint: 'Stop that program, or set PORT to another number.',
    });
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'EACCES' || error.code === 'ENOTFOUND') {
    return new HaloError('address_unavailable', `Halo cannot listen on ${host}:${port} (${error.code}).`, {
      field: 'HOST',
      hint: 'Set HOST and PORT to an address of this machine.',
    });
  }
  return error;
}
