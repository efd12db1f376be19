import { open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { ShapeBody } from './shape-engine.ts';

/** A snapshot's answer is cut when it reaches this size, in bytes. */
const CHUNK_BYTES = 10 * 1024 * 1024;
/** Bytes collected before they are written; a snapshot that stays below never becomes a file. */
const WRITE_BYTES = 256 * 1024;
/** Bytes read from a file at once for one reader. */
const READ_BYTES = 64 * 1024;

interface Range {
  readonly start: number;
  readonly length: number;
}

/** Collects a snapshot's messages into JSON arrays of about ten MiB, in memory or in a file. */
export class SnapshotWriter {
  readonly #path: string;
  #handle: FileHandle | null = null;
  readonly #memory: Buffer[] = [];
  #pending: string[] = [];
  #pendingLength = 0;
  #written = 0;
  #messages = 0;
  #chunkStart = 0;
  #chunkLength = 0;
  readonly #chunks: Range[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  /** Adds a message; true when `flush` should be awaited before more are added. */
  add(message: string): boolean {
    this.#messages += 1;
    this.#push(this.#chunkLength === 0 ? `[${message}` : `,${message}`);
    return this.#pendingLength >= WRITE_BYTES || this.#chunkLength >= CHUNK_BYTES;
  }

  /** Writes what was collected, and ends the chunk when it is full. */
  async flush(): Promise<void> {
    if (this.#chunkLength >= CHUNK_BYTES) await this.#endChunk();
    else await this.#write();
  }

  /** Ends the last chunk. */
  async finish(): Promise<SnapshotFile> {
    if (this.#chunkLength > 0 || this.#chunks.length === 0) {
      if (this.#chunkLength === 0) this.#push('[');
      await this.#endChunk();
    }
    const memory = this.#handle === null ? Buffer.concat(this.#memory) : null;
    return new SnapshotFile(this.#path, this.#handle, memory, this.#chunks, {
      bytes: this.#written,
      messages: this.#messages,
    });
  }

  /** Throws away what was written. */
  async discard(): Promise<void> {
    await this.#handle?.close();
    if (this.#handle !== null) await rm(this.#path, { force: true });
  }

  #push(text: string): void {
    this.#pending.push(text);
    this.#pendingLength += text.length;
    this.#chunkLength += text.length;
  }

  async #endChunk(): Promise<void> {
    this.#push(']');
    await this.#write();
    this.#chunks.push({ start: this.#chunkStart, length: this.#written - this.#chunkStart });
    this.#chunkStart = this.#written;
    this.#chunkLength = 0;
  }

  async #write(): Promise<void> {
    const bytes = Buffer.from(this.#pending.join(''));
    this.#pending = [];
    this.#pendingLength = 0;
    this.#written += bytes.length;
    if (this.#handle === null && this.#written < WRITE_BYTES) {
      this.#memory.push(bytes);
      return;
    }
    if (this.#handle === null) {
      this.#handle = await open(this.#path, 'wx+');
      for (const early of this.#memory) await this.#handle.writeFile(early);
      this.#memory.length = 0;
    }
    await this.#handle.writeFile(bytes);
  }
}

/** A finished snapshot's bytes. A file stays until the last reader has let go of it. */
export class SnapshotFile {
  readonly #path: string;
  readonly #handle: FileHandle | null;
  /** Let go of when it is disposed of: the snapshot's handle may be remembered for longer. */
  #memory: Buffer<ArrayBuffer> | null;
  readonly #chunks: readonly Range[];
  /** Whether it never became a file. */
  readonly inMemory: boolean;
  readonly bytes: number;
  /** Rows, and the few messages around them. */
  readonly messages: number;
  #readers = 0;
  #unwanted = false;
  #closing: Promise<void> | null = null;

  constructor(
    path: string,
    handle: FileHandle | null,
    memory: Buffer<ArrayBuffer> | null,
    chunks: readonly Range[],
    { bytes, messages }: { readonly bytes: number; readonly messages: number },
  ) {
    this.#path = path;
    this.#handle = handle;
    this.#memory = memory;
    this.inMemory = memory !== null;
    this.#chunks = chunks;
    this.bytes = bytes;
    this.messages = messages;
  }

  get chunks(): number {
    return this.#chunks.length;
  }

  /** The bytes of one chunk. */
  body(chunk: number): ShapeBody {
    const range = this.#chunks[chunk];
    if (range === undefined || this.#unwanted) throw new RangeError(`the snapshot has no chunk ${chunk}`);
    this.#readers += 1;
    let released = false;
    return {
      length: range.length,
      bytes: this.#memory?.subarray(range.start, range.start + range.length) ?? null,
      pieces: () => this.#read(range),
      release: () => {
        if (released) return;
        released = true;
        this.#readers -= 1;
        if (this.#unwanted && this.#readers === 0) void this.#close();
      },
    };
  }

  /** Deletes the file as soon as nobody reads it; resolves at once when somebody still does. */
  async dispose(): Promise<void> {
    this.#unwanted = true;
    if (this.#readers === 0) await this.#close();
  }

  async *#read({ start, length }: Range): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < length; at += READ_BYTES) {
      const size = Math.min(READ_BYTES, length - at);
      if (this.#handle === null) {
        yield this.#memory!.subarray(start + at, start + at + size);
        continue;
      }
      const { bytesRead, buffer } = await this.#handle.read(Buffer.allocUnsafe(size), 0, size, start + at);
      if (bytesRead !== size) throw new Error('a snapshot file is shorter than it was written');
      yield buffer;
    }
  }

  #close(): Promise<void> {
    const close = async () => {
      this.#memory = null;
      if (this.#handle === null) return;
      // A file that cannot be closed or deleted now is deleted at the next start.
      await this.#handle.close().catch(() => {});
      await rm(this.#path, { force: true }).catch(() => {});
    };
    return (this.#closing ??= close());
  }
}
