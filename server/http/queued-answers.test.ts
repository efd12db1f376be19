import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../tests/support/eventually.ts';
import { closeQueuedAnswers } from './queued-answers.ts';

/** A server that answers a request only when it is told to; and a connection over which three were sent at once. */
async function threeAtOnce() {
  const answers: (() => void)[] = [];
  let closed = 0;
  const server = createServer((_, response) => {
    response.once('close', () => (closed += 1));
    answers.push(() => void response.end('x'));
  });
  closeQueuedAnswers(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  onTestFinished(() => server.closeAllConnections());
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(3));
  await eventually(() => expect(answers).toHaveLength(3));
  return { socket, answers, closed: () => closed };
}

it('invariant 6: closes the answers that wait behind another one when their connection is gone', async () => {
  const { socket, answers, closed } = await threeAtOnce();
  socket.destroy();
  await eventually(() => expect(closed()).toBe(3));
  // What comes now goes nowhere, and is no error.
  for (const answer of answers) answer();
});

it('closes each once, those too whose turn had come', async () => {
  const { socket, answers, closed } = await threeAtOnce();
  answers[0]!();
  await eventually(() => expect(closed()).toBe(1));
  socket.destroy();
  await eventually(() => expect(closed()).toBe(3));
});
