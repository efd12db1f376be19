import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { expect, it, onTestFinished } from 'vitest';
import { createLogger } from '../platform/logger.ts';
import { isOfOwnHouse, warnOfUncountedProxy } from './uncounted-proxy.ts';

/** A server behind so many proxies, and what it logs. */
async function startBehind(proxies: number) {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line) => void lines.push(line) });
  const app = new Hono()
    .use(warnOfUncountedProxy(proxies, logger))
    .get('/', (context) => context.text('here'));
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const ask = async (headers: Record<string, string>) => (await fetch(url, { headers })).text();
  return { ask, lines };
}

const FORWARDED = { 'x-forwarded-for': '192.0.2.9' };

it('tells once of a proxy of the house that nobody told of', async () => {
  const { ask, lines } = await startBehind(0);
  expect(await ask({})).toBe('here');
  expect(lines).toEqual([]);
  for (let n = 0; n < 3; n++) expect(await ask(FORWARDED)).toBe('here');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ level: 40, code: 'proxy_uncounted', field: 'HALO_TRUSTED_PROXIES' }),
  ]);
});

it('says nothing where proxies are counted', async () => {
  const { ask, lines } = await startBehind(1);
  expect(await ask(FORWARDED)).toBe('here');
  expect(lines).toEqual([]);
});

it.each([
  ['127.0.0.1', true],
  ['::1', true],
  ['::ffff:172.18.0.2', true],
  ['172.32.0.1', false],
  ['100.64.1.1', true],
  ['fd12::1', true],
  ['fe80::1%eth0', true],
  ['2001:db8::1', false],
  ['192.0.2.9', false],
  ['', false],
])('takes %j for one of the house: %s', (address, isOwn) => {
  expect(isOfOwnHouse(address)).toBe(isOwn);
});
