import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The least that can answer over HTTP, in a process of its own: so many bytes at once (`/bytes/<n>`), or a held
 * request (`/poll`) of which so many get one answer when `/news/<n>` is asked for.
 */
const NEWS = Buffer.from(JSON.stringify([{ key: 'k', value: { id: '1', title: 'x'.repeat(100) } }]));
const waiting = new Set<ServerResponse>();
const bodies = new Map<number, Buffer>();

let told = 0;

function tellAll(): void {
  if (waiting.size < told || told === 0) return;
  told = 0;
  for (const each of waiting) each.writeHead(200, { 'content-type': 'application/json' }).end(NEWS);
  waiting.clear();
}

const server = createServer((request, response) => {
  const path = request.url ?? '/';
  if (path === '/poll') {
    waiting.add(response);
    tellAll();
    return;
  }
  if (path.startsWith('/news/')) {
    response.end('[]');
    told = Number(path.replace('/news/', ''));
    tellAll();
    return;
  }
  const length = Number(path.replace('/bytes/', ''));
  const body = bodies.get(length) ?? Buffer.alloc(length, 'x');
  bodies.set(length, body);
  response.end(body);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
process.stdout.write(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
