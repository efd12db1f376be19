import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import type { CallerEnv } from '../../server/auth/identity.ts';
import { createApp } from '../../server/http/app.ts';
import { listen } from '../../server/http/listen.ts';
import { createMetrics } from '../../server/operations/metrics.ts';
import { openErrorReports } from '../../server/operations/sentry/error-reports.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { createRouter } from '../../server/platform/router.ts';
import { createTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { useIngest } from '../support/ingest.ts';
import { startServerProcess, stopServerProcess } from '../support/server.ts';

const PLANTED = {
  email: 'ada.lovelace@halo.example',
  lat: '59.332611',
  lon: '18.064922',
  token: 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl',
  password: 'hunter2-of-ada',
};

/** A server with one route that breaks with all that must not get out in its error. */
async function useBreakingServer(dsn: string) {
  const reports = await openErrorReports({
    dsn,
    release: '9.9.9',
    fetch,
    random: Math.random,
    tracesSampleRate: 1,
  });
  onTestFinished(() => reports.close());
  const lines: string[] = [];
  const sink = new Writable({
    write(line: Buffer, _, done) {
      lines.push(line.toString());
      done();
    },
  });
  const router = createRouter<CallerEnv>();
  router.post('/break/:id', () => {
    throw new Error(
      `no row (email)=(${PLANTED.email}) at ${PLANTED.lat}, ${PLANTED.lon} for Bearer ${PLANTED.token}`,
    );
  });
  const app = createApp({
    routers: [router],
    logger: createLogger('info', sink, reports.error),
    metrics: createMetrics(),
    trace: reports.request,
    version: '9.9.9',
    readiness: [],
    webApps: [],
  });
  const listening = await listen(app, '127.0.0.1', 0);
  onTestFinished(() => listening.close());
  const breakIt = () =>
    fetch(`${listening.url}/break/${PLANTED.email}?lat=${PLANTED.lat}&token=${PLANTED.token}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${PLANTED.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(PLANTED),
    });
  return { breakIt, lines, reports };
}

it('reports what nobody foresaw and how long requests took, and nothing of anybody', async () => {
  const ingest = await useIngest();
  const { breakIt, lines } = await useBreakingServer(ingest.dsn);
  const answer = await breakIt();
  expect(answer.status).toBe(500);
  const { requestId } = (await answer.json()) as { requestId: string };
  expect(answer.headers.get('x-request-id')).toBe(requestId);
  // The log has the same id, on the line of the fault and on that of the request.
  expect(
    lines
      .filter((line) => line.includes(`"requestId":"${requestId}"`))
      .map((line) => line.split('"requestId"').length),
  ).toEqual([2, 2]);

  await eventually(() => expect(ingest.envelopes).toHaveLength(2));
  const sent = ingest.envelopes.join('\n');
  for (const [name, value] of Object.entries(PLANTED)) expect(sent, name).not.toContain(value);
  expect(sent).not.toContain(process.cwd());
  const error = ingest.envelopes.find((one) => !one.includes('"type":"transaction"'))!;
  expect(error).toContain('"release":"9.9.9"');
  expect(error).toContain('"route":"/break/:id"');
  expect(error).toContain(requestId);
  expect(error).toContain('"filename":"error-reports.test.ts"');
  const trace = ingest.envelopes.find((one) => one.includes('"type":"transaction"'))!;
  expect(trace).toContain('"transaction":"POST /break/:id"');
  expect(ingest.requests().every(({ path }) => path.startsWith('/api/42/envelope/'))).toBe(true);
});

it('is held up by no ingest that does not answer, and stops in time', async () => {
  const held = new Set<Socket>();
  let most = 0;
  const dead = createServer((socket) => {
    held.add(socket);
    most = Math.max(most, held.size);
    // What is given up is closed, and counts no more.
    socket.on('error', () => {}).on('close', () => held.delete(socket));
    socket.resume();
  });
  await new Promise<void>((resolve) => dead.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of held) socket.destroy();
    dead.close();
  });
  const { port } = dead.address() as { port: number };
  const { breakIt, reports } = await useBreakingServer(`http://publickey@127.0.0.1:${port}/42`);
  const answers = await Promise.all(Array.from({ length: 100 }, breakIt));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 500));
  // Those that wait are bounded, and so is the wait for them.
  await reports.close();
  expect(most).toBeGreaterThan(0);
  // Thirty at once; a busy machine sees the end of what was given up later than the begin of what came after it.
  expect(most).toBeLessThan(60);
});

it('is there in the server as it is started, where a DSN is set', async () => {
  const ingest = await useIngest();
  const database = await createTestDatabase();
  const server = await startServerProcess(database.url, {
    env: { SENTRY_DSN: ingest.dsn, VERSION: '7.7.7' },
  });
  await database.pool.query('ALTER TABLE users RENAME TO nobody');
  const answer = await fetch(`${server.url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: PLANTED.email, password: PLANTED.password }),
  });
  expect(answer.status).toBe(500);
  await eventually(() => expect(ingest.envelopes.join('')).toContain('"route":"/api/v1/auth/login"'));
  await stopServerProcess(server);
  const sent = ingest.envelopes.join('\n');
  expect(sent).toContain('"release":"7.7.7"');
  for (const value of Object.values(PLANTED)) expect(sent).not.toContain(value);
  await database.drop();
});
