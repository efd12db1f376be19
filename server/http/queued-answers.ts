import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Has answers closed that wait behind another on their connection when that is gone. A client may send a request before
 * it has the answer to the last one; until its turn comes an answer knows of no connection, and Node never tells it that
 * there is none any more: what hangs on its end (a read in flight, a wait for news) would be held for ever.
 */
export function closeQueuedAnswers(server: Server): void {
  const waiting = new Map<Socket, Set<ServerResponse>>();
  const closeAll = (socket: Socket) => {
    const answers = waiting.get(socket);
    waiting.delete(socket);
    for (const answer of answers ?? []) {
      // One whose turn has come is told by Node.
      if (answer.socket !== null) continue;
      answer.destroy();
      answer.emit('close');
    }
  };
  server.on('request', ({ socket }: IncomingMessage, answer: ServerResponse) => {
    if (answer.socket !== null) return;
    let answers = waiting.get(socket);
    if (answers === undefined) {
      waiting.set(socket, (answers = new Set()));
      socket.once('close', () => closeAll(socket));
    }
    const queued = answers;
    queued.add(answer);
    answer.once('close', () => queued.delete(answer));
  });
}
