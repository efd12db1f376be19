import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ConformanceServer } from './server.ts';

/** Shell commands that stop and start the server; each returns when it is done. */
export interface RemoteControl {
  readonly stop: string;
  readonly start: string;
  close(): Promise<void>;
}

/** Lets another process, which knows shell commands only, stop and start `server`. */
export async function controlFromShell(server: ConformanceServer): Promise<RemoteControl> {
  const listener = createServer((request, response) => {
    const done = request.url === '/stop' ? server.stop() : server.start();
    done.then(
      () => response.end(),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  const command = (path: string) =>
    `'${process.execPath}' -e 'fetch("http://127.0.0.1:${port}${path}").then((answer) => process.exit(answer.ok ? 0 : 1))'`;
  return {
    stop: command('/stop'),
    start: command('/start'),
    close() {
      listener.closeAllConnections();
      return new Promise((resolve) => listener.close(() => resolve()));
    },
  };
}
