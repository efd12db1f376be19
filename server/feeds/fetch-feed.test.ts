import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { fetchFeed } from './fetch-feed.ts';

const UNKNOWN = { etag: null, lastModified: null };

it('asks nobody else whom an answer names: a redirect is a failed poll', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/events') response.writeHead(302, { location: '/inside' }).end();
    else response.end('[]');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`;
  const parts = { fetch, userAgent: 'a test', timeoutMs: 5_000, maxBytes: 1_000 };
  try {
    await expect(fetchFeed(url, UNKNOWN, parts, new AbortController().signal)).rejects.toMatchObject({
      code: 'feed_http_status',
      details: { httpStatus: 302 },
    });
    expect(asked).toEqual(['/events']);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
