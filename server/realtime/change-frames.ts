import type { RealtimeOperation } from '@halo/shapes/protocol/realtime.ts';
import type { IncidentChange } from './incident-change.ts';

/** A subscription of a socket and what the change is to it. */
export interface Match {
  readonly id: string;
  readonly operation: RealtimeOperation;
}

/** The messages that tell one change: its row is encoded once, and sockets with the same matches share the bytes. */
export class ChangeFrames {
  readonly #head: string;
  readonly #tail: string;
  readonly #frames = new Map<string, Buffer>();

  constructor({ offsetText, row }: IncidentChange) {
    this.#head = `{"type":"change","kind":"incident","offset":"${offsetText}","subscriptions":`;
    this.#tail = `,"incident":${JSON.stringify(row)}}`;
  }

  /** The message for a socket with these matches. */
  of(matches: readonly Match[]): Buffer {
    const list = JSON.stringify(matches);
    let frame = this.#frames.get(list);
    if (frame === undefined) {
      frame = Buffer.from(this.#head + list + this.#tail);
      this.#frames.set(list, frame);
    }
    return frame;
  }
}
