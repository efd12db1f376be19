import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { CLOSE_CODES } from '@halo/shapes/protocol/realtime.ts';
import type { RealtimeServerMessage } from '@halo/shapes/protocol/realtime.ts';
import type { RawData, WebSocket } from 'ws';

/** Bytes that may wait to be taken by a socket's peer; then nothing more is sent until he has taken most of it. */
export const MAX_BUFFERED_BYTES = 1024 * 1024;
/** Sending goes on when no more than this waits, in bytes. */
const RESUME_BELOW_BYTES = 64 * 1024;

/** Why a socket was closed: for a reason of the server's, by its peer, for silence, or for what it sent. */
export type CloseReason = keyof typeof CLOSE_CODES | 'left' | 'silent' | 'badFrame';

export const CLOSE_REASONS: readonly CloseReason[] = [
  ...(Object.keys(CLOSE_CODES) as (keyof typeof CLOSE_CODES)[]),
  'left',
  'silent',
  'badFrame',
];

export interface WireEvents {
  /** A text message came. */
  readonly onText: (text: string) => void;
  /** A message came that is no text. */
  readonly onBinary: () => void;
  readonly onClosed: (reason: CloseReason) => void;
  /** Called for each message that was sent. */
  readonly onSent: () => void;
}

/** One socket: sends, knows how much waits in it, and whether its peer takes it and is there at all. */
export class Wire {
  readonly #socket: WebSocket;
  /** The connection under it, whose bytes tell whether anything moves. */
  readonly #connection: Socket;
  readonly #events: WireEvents;
  readonly #maxBufferedBytes: number;
  #reason: CloseReason | undefined;
  #isClosed = false;
  #hasSign = true;
  readonly #drained: (() => void)[] = [];
  #moved = { bytes: 0, at: performance.now() };

  constructor(socket: WebSocket, connection: Duplex, events: WireEvents, maxBufferedBytes: number) {
    this.#socket = socket;
    this.#connection = connection as Socket;
    this.#events = events;
    this.#maxBufferedBytes = maxBufferedBytes;
    socket.on('message', (data: RawData, isBinary: boolean) => {
      this.#hasSign = true;
      if (this.closing) return;
      if (isBinary) events.onBinary();
      else events.onText((data as Buffer).toString());
    });
    socket.on('pong', () => (this.#hasSign = true));
    // Wrong frames and messages too large: the library closes with the code that is due.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code?.startsWith('WS_ERR_') === true) this.#reason ??= 'badFrame';
    });
    socket.once('close', () => {
      this.#isClosed = true;
      this.#wake();
      events.onClosed(this.#reason ?? 'left');
    });
  }

  /** True from the moment that it is being closed. */
  get closing(): boolean {
    return this.#reason !== undefined || this.#isClosed;
  }

  /** Whether so much waits that nothing more is to be sent. */
  get full(): boolean {
    return this.#socket.bufferedAmount > this.#maxBufferedBytes;
  }

  /** Sends a message that is encoded already. */
  sendEncoded(message: Buffer): void {
    if (this.closing) return;
    this.#events.onSent();
    this.#socket.send(message, { binary: false }, this.#onTaken);
  }

  send(message: RealtimeServerMessage): void {
    this.sendEncoded(Buffer.from(JSON.stringify(message)));
  }

  /** Resolves when there is room again, or the socket is closed. */
  async whenDrained(): Promise<void> {
    while (!this.closing && this.#socket.bufferedAmount > RESUME_BELOW_BYTES) {
      await new Promise<void>((resolve) => this.#drained.push(resolve));
    }
  }

  /** Closes with the reason's code; a peer who does not answer is cut off by the library after 30 s. */
  close(reason: keyof typeof CLOSE_CODES, why: string): void {
    if (this.closing) return;
    this.#reason = reason;
    this.#wake();
    this.#socket.close(CLOSE_CODES[reason], why);
  }

  /** Cuts it off at once. */
  cut(): void {
    this.#reason ??= 'silent';
    this.#socket.terminate();
  }

  /** Asks for a sign of life. False when none has come since the last time, and nothing that waits explains that. */
  ask(): boolean {
    if (!this.#hasSign && this.#socket.bufferedAmount === 0) return false;
    this.#hasSign = false;
    if (!this.closing && !this.full) this.#socket.ping();
    return true;
  }

  /** For how long nothing of what waits has been taken, in milliseconds. */
  stalledMs(): number {
    const now = performance.now();
    const { bytesWritten, writableLength } = this.#connection;
    const bytes = bytesWritten - writableLength;
    if (writableLength === 0 || bytes > this.#moved.bytes) this.#moved = { bytes, at: now };
    return now - this.#moved.at;
  }

  readonly #onTaken = (): void => {
    if (this.#drained.length > 0 && this.#socket.bufferedAmount <= RESUME_BELOW_BYTES) this.#wake();
  };

  #wake(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}
