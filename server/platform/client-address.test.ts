import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { clientAddress, countedAs } from './client-address.ts';

async function seen(proxies: number, forwarded?: string): Promise<string> {
  const app = new Hono().get('/', (context) => context.text(clientAddress(proxies)(context)));
  const headers: Record<string, string> = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return (await app.request('/', { headers })).text();
}

it('believes of X-Forwarded-For only what the proxies wrote', async () => {
  expect(await seen(0, '192.0.2.9')).toBe('unknown');
  expect(await seen(1, 'a lie, 192.0.2.9')).toBe('192.0.2.9');
  expect(await seen(2, 'a lie, 192.0.2.9,10.0.0.1')).toBe('192.0.2.9');
  expect(await seen(1)).toBe('unknown');
});

it.each([
  ['192.0.2.9', '192.0.2.9'],
  ['::ffff:192.0.2.9', '192.0.2.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::7', '2001:db8:1:2'],
  ['2001:DB8::7', '2001:db8:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['::1', '0:0:0:0'],
])('counts %s as %s', (address, counted) => {
  expect(countedAs(address)).toBe(counted);
});
