import { StrictShapeReader, UnexpectedStatus } from '../support/shape-client.ts';
import type { OracleShape } from './definitions.ts';

/** A reader may be told for this long that the server is busy or away. */
const PATIENCE_MS = 60_000;
const RETRY_MS = 50;

/** A strict reader of one shape, who comes back when the server was away. */
export class Follower {
  readonly shape: OracleShape;
  readonly reader: StrictShapeReader;
  /** At the end of the last batch. */
  #before = { refetches: 0, lsn: 0n };
  /** One reading at a time, as of any client. */
  #reading = false;

  constructor(shape: OracleShape, url: string) {
    this.shape = shape;
    const path = `/v1/shapes/${shape.definition.name}`;
    this.reader = new StrictShapeReader(url, path, { replica: shape.replica });
  }

  /**
   * Goes over to another instance; one that holds parts of a snapshot waits until it has the rest. A shape with
   * subqueries has a log of its own on each.
   */
  moveTo(url: string): void {
    if (this.shape.inner.length > 0) return;
    if (this.reader.lsn > 0n) this.reader.url = url;
  }

  /** Asks once; whatever becomes of it when the server is away is no fault. */
  async glance(live: boolean, signal: AbortSignal): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      const canWait = live && this.reader.lsn > 0n;
      await this.reader.step(canWait, signal);
    } catch (error) {
      if (!isAbsence(error)) throw error;
    } finally {
      this.#reading = false;
    }
  }

  /** Reads until it has everything up to `lsn`. */
  async reach(lsn: bigint): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        if ((await this.reader.step()) && this.reader.lsn >= lsn) return;
      } catch (error) {
        if (!isAbsence(error) || performance.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
      if (performance.now() > deadline) throw new Error(`stayed at ${this.reader.offset} before ${lsn}`);
    }
  }

  /** How often it was told to begin anew since the last batch ended, and where it stood then. */
  endBatch(): { readonly refetches: number; readonly from: bigint } {
    const { refetches, lsn } = this.reader;
    const since = { refetches: refetches - this.#before.refetches, from: this.#before.lsn };
    this.#before = { refetches, lsn };
    return since;
  }
}

/**
 * The server was killed, is not there, or says that it will be able to answer later; 408 is what Node gives to a request
 * that lay unread while the process had no processor for a quarter of a minute.
 */
function isAbsence(error: unknown): boolean {
  if (error instanceof UnexpectedStatus) return error.status === 503 || error.status === 408;
  if (error instanceof DOMException) return error.name === 'AbortError';
  return error instanceof TypeError && ['fetch failed', 'terminated'].includes(error.message);
}
