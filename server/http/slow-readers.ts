import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** How long a connection may take for each piece of what it holds, in milliseconds. */
export const STALL_AFTER_MS = 60_000;
/** Streams are written in pieces of this size; what was written at once gets the time of as many pieces. */
const PIECE_BYTES = 64 * 1024;
const LOOK_EVERY_MS = 5_000;

interface Pending {
  /** Bytes that had left when some last did. */
  sent: number;
  since: number;
}

/**
 * Cuts connections whose peers do not take what was written for them. A write counts once the system has taken all of
 * it, so that who takes a byte now and then stalls as much as who takes none: Node's own timeout begins anew with each
 * byte, and such a reader would keep his memory for ever.
 */
export function cutSlowReaders(
  server: Server,
  stallAfterMs: number = STALL_AFTER_MS,
  lookEveryMs: number = LOOK_EVERY_MS,
): void {
  const open = new Map<Socket, Pending>();
  server.on('connection', (socket: Socket) => {
    open.set(socket, { sent: 0, since: performance.now() });
    socket.once('close', () => open.delete(socket));
  });
  const timer = setInterval(() => {
    const now = performance.now();
    for (const [socket, pending] of open) {
      const sent = socket.bytesWritten - socket.writableLength;
      if (socket.writableLength === 0 || sent > pending.sent) {
        pending.sent = sent;
        pending.since = now;
      } else {
        const pieces = Math.ceil(socket.writableLength / PIECE_BYTES);
        if (now - pending.since > stallAfterMs * pieces) socket.destroy();
      }
    }
  }, lookEveryMs);
  server.once('close', () => clearInterval(timer));
}
