import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A relay in front of a server that serves a newer version of its web app. */
export interface NewVersion {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Relays to `target` (an origin), whose service worker comes with something behind it that its browser has not stored:
 * that is how a browser knows a new version of an app.
 */
export async function serveNewVersion(target: string): Promise<NewVersion> {
  const relay = createServer((asked, answer) => {
    const changes = asked.url === '/sw.js';
    // Unconditional: the server must not say that nothing has changed.
    const { 'if-none-match': etag, ...others } = asked.headers;
    const headers = changes || etag === undefined ? others : { ...others, 'if-none-match': etag };
    const onward = request(new URL(asked.url ?? '/', target), { method: asked.method, headers }, (given) => {
      const { 'content-length': length, ...rest } = given.headers;
      answer.writeHead(given.statusCode ?? 502, changes || length === undefined ? rest : given.headers);
      if (!changes) return void given.pipe(answer);
      given.on('end', () => answer.end('\n// The next version.\n'));
      given.pipe(answer, { end: false });
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((resolve, reject) => {
    relay.once('error', reject);
    relay.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(relay.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        relay.close(() => resolve());
        relay.closeAllConnections();
      }),
  };
}
