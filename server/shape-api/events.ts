const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const UP_TO_DATE = Buffer.from('{"headers":{"control":"up-to-date"');
const BEFORE = Buffer.from('data: ');
const AFTER = Buffer.from('\n\n');

/**
 * Turns an answer, a JSON array of messages in pieces, into events, `data: <message>` each; one piece of events for
 * each piece that brings the end of a message. JSON has no line feeds of its own, so that a message is one line.
 */
export async function* eventsOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const splitter = new MessageSplitter();
  for await (const piece of pieces) {
    const messages = splitter.take(Buffer.from(piece.buffer, piece.byteOffset, piece.length));
    if (messages.length === 0) continue;
    yield Buffer.concat(messages.flatMap((message) => [BEFORE, asEvent(message), AFTER]));
  }
}

/** Records of the WAL begin at multiples of this many bytes. */
const WAL_ALIGNMENT = 8n;

/**
 * Electric's client goes on from `<global_last_seen_lsn>_0` after an event stream, which lies within a transaction of
 * several operations and would double the rest of them; and where the position is the byte before the next record,
 * so would be the start of one that is still to come. So streams name the byte after the last place at which a record
 * may begin: none begins there, and the engine reads it as the end of everything before.
 */
function asEvent(message: Buffer): Buffer {
  if (!message.subarray(0, UP_TO_DATE.length).equals(UP_TO_DATE)) return message;
  const { headers } = JSON.parse(message.toString()) as { headers: { global_last_seen_lsn: string } };
  const position = BigInt(headers.global_last_seen_lsn);
  const lsn = String(position - (position % WAL_ALIGNMENT) + 1n);
  return Buffer.from(JSON.stringify({ headers: { ...headers, global_last_seen_lsn: lsn } }));
}

/** Finds the objects of a JSON array that comes in pieces. */
class MessageSplitter {
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** What has come of the message that is not whole yet. */
  #begun: Buffer[] = [];

  take(piece: Buffer): Buffer[] {
    const whole: Buffer[] = [];
    let start = this.#depth > 0 ? 0 : -1;
    for (let i = 0; i < piece.length; i += 1) {
      const byte = piece[i]!;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inString = false;
      } else if (byte === QUOTE) {
        this.#inString = true;
      } else if (byte === OPEN_BRACE) {
        if (this.#depth === 0) start = i;
        this.#depth += 1;
      } else if (byte === CLOSE_BRACE) {
        this.#depth -= 1;
        if (this.#depth > 0) continue;
        whole.push(Buffer.concat([...this.#begun, piece.subarray(start, i + 1)]));
        this.#begun = [];
        start = -1;
      }
    }
    if (start >= 0) this.#begun.push(piece.subarray(start));
    return whole;
  }
}
