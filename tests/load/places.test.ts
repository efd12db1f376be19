import type { RequestListener } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { startHttpServer } from '../support/http.ts';
import { placesOf } from './places.ts';

async function placesBy(listener: RequestListener) {
  const server = await startHttpServer(listener);
  onTestFinished(() => server.close());
  return placesOf(server.url);
}

const tokens = JSON.stringify({ accessToken: 'a', refreshToken: 'b', expiresIn: 600 });

it('says that nobody answers, where and why', async () => {
  await expect(placesOf('http://127.0.0.1:1')).rejects.toMatchObject({
    code: 'load_unanswered',
    message: 'http://127.0.0.1:1 does not answer (ECONNREFUSED).',
    hint: expect.stringContaining('--url') as string,
  });
  await expect(placesBy((request) => request.socket.destroy())).rejects.toMatchObject({
    code: 'load_unanswered',
  });
});

it.each<[string, RequestListener, RegExp]>([
  ['another server', (_, response) => response.writeHead(404).end(), /It answered 404\.$/],
  ['one that has a page for all', (_, response) => response.end('<html></html>'), /account\.$/],
  ['one that has an object for all', (_, response) => response.end(tokens), /account\.$/],
  // Nobody waits for a day.
  [
    'a Halo that is asked too much',
    (_, response) => response.writeHead(429, { 'retry-after': '86400' }).end(),
    /It answered to ask later\.$/,
  ],
])('says that no load can be put on %s', async (_, listener, words) => {
  await expect(placesBy(listener)).rejects.toMatchObject({
    code: 'load_no_areas',
    message: expect.stringMatching(words) as string,
    hint: expect.stringContaining('HALO_TRUSTED_PROXIES=1') as string,
  });
});
