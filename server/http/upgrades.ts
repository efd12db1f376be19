import { ServerResponse } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Upgrade } from '../platform/upgrade.ts';

/** Answers a request, which may take its connection instead. */
type Answer = (request: IncomingMessage, response: ServerResponse, upgrade: Upgrade) => void;

/**
 * Has requests that name another protocol answered by the same app as all others, so that each spelling of a path gets
 * the same verdict (invariant 8). Node gives such a connection away with its request, and what nobody takes is answered
 * as if the header had not been there, and closed: any server may leave the wish alone (RFC 9110 §7.8).
 */
export function answerUpgrades(server: Server, answer: Answer): void {
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    // A peer that goes away meanwhile is told by `close`.
    socket.on('error', ignore);
    // Node's parser has let go of the connection: a body can be read no more.
    if (hasBody(request)) {
      socket.end(BODY_REFUSED);
      return;
    }
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    try {
      response.assignSocket(socket);
    } catch {
      // Sent before the answer to the last request had come: there is no place for this one's.
      socket.destroy();
      return;
    }
    const drained = () => response.emit('drain');
    socket.on('drain', drained);
    response.once('finish', () => {
      response.detachSocket(socket);
      socket.end();
    });
    const take = () => {
      response.detachSocket(socket);
      socket.off('drain', drained);
      socket.off('error', ignore);
      return { request, socket, head };
    };
    answer(request, response, { target: request.url ?? '', take });
  });
}

const PROBLEM = JSON.stringify({
  type: '/docs#problem-upgrade_refused',
  title: 'Bad Request',
  status: 400,
  code: 'upgrade_refused',
  detail: 'A request with a body cannot ask for another protocol.',
  hint: 'Send it without the header Upgrade.',
});
const BODY_REFUSED =
  'HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: application/problem+json\r\n' +
  `content-length: ${Buffer.byteLength(PROBLEM)}\r\n\r\n${PROBLEM}`;

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
}

function ignore(): void {}
