import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { listen } from '../../server/http/listen.ts';
import { eventually } from '../support/eventually.ts';

const HOST = '127.0.0.1';

/** An app whose `/slow` answers when it is told to, and one that says how many requests it holds. */
function slowApp() {
  const waiting: (() => void)[] = [];
  const app = new Hono();
  app.get('/slow', async (context) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return context.text('done');
  });
  return { app, waiting };
}

it('lets a request in flight finish when it closes, and takes no new one', async () => {
  const { app, waiting } = slowApp();
  const server = await listen(app, HOST, 0);
  const url = server.url.replace('localhost', HOST);
  const slow = fetch(`${url}/slow`);
  await eventually(() => waiting.length === 1);
  let closed = false;
  const closing = server.close().then(() => (closed = true));
  await eventually(() =>
    fetch(`${url}/slow`).then(
      () => false,
      () => true,
    ),
  );
  expect(closed).toBe(false);
  waiting[0]!();
  expect(await (await slow).text()).toBe('done');
  await closing;
});

it('cuts a request that does not finish within the drain', async () => {
  const { app, waiting } = slowApp();
  const server = await listen(app, HOST, 0, 50);
  const outcome = fetch(`${server.url.replace('localhost', HOST)}/slow`).then(
    () => 'answered',
    () => 'cut',
  );
  await eventually(() => waiting.length === 1);
  await server.close();
  expect(await outcome).toBe('cut');
  waiting[0]!();
});

it('names the variable where it cannot listen', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, HOST, resolve));
  const { port } = other.address() as AddressInfo;
  const { app } = slowApp();
  await expect(listen(app, HOST, port)).rejects.toMatchObject({ code: 'port_in_use', field: 'PORT' });
  await new Promise((resolve) => other.close(resolve));
  await expect(listen(app, '203.0.113.7', port)).rejects.toMatchObject({
    code: 'address_unavailable',
    field: 'HOST',
  });
});
