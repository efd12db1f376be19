import { clientMessageSchema } from '@halo/shapes/protocol/realtime.ts';
import type { RealtimeClientMessage } from '@halo/shapes/protocol/realtime.ts';
import { HaloError } from '../platform/errors.ts';

/** Reads a client's message; fails with `invalid_json` or `invalid_message`, which names the field. */
export function parseClientMessage(text: string): RealtimeClientMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HaloError('invalid_json', 'The message is not valid JSON.', { status: 400 });
  }
  const result = clientMessageSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new HaloError('invalid_message', issue?.message ?? 'The message is not valid.', {
    status: 400,
    ...(issue === undefined || issue.path.length === 0 ? {} : { field: issue.path.join('.') }),
  });
}

/** The answer to a message that was no text. */
export function binaryMessage(): HaloError {
  return new HaloError('invalid_message', 'Messages are JSON in text, never binary.', { status: 400 });
}

/** Counts what one socket sends. */
export class MessageRate {
  readonly #most: number;
  readonly #windowMs: number;
  #since = performance.now();
  #count = 0;

  /** So many messages in so many milliseconds. */
  constructor(most: number, windowMs: number) {
    this.#most = most;
    this.#windowMs = windowMs;
  }

  /** False when there were too many. */
  take(): boolean {
    const now = performance.now();
    if (now - this.#since > this.#windowMs) {
      this.#since = now;
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count <= this.#most;
  }
}
