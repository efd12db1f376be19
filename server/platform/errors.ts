/**
 * An error that Halo raises on purpose. Decisions are made on `code`, never on the text; `hint` says what
 * the reader can do about it. The HTTP layer turns it into an RFC 9457 problem document.
 */
export class HaloError extends Error {
  readonly code: string;
  readonly status: number;
  readonly field: string | undefined;
  readonly hint: string | undefined;
  /** Extra members for the problem document, e.g. `expectedSeq`. Never secrets, SQL or paths. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: HaloErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HaloError';
    this.code = code;
    this.status = options.status ?? 500;
    this.field = options.field;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

export interface HaloErrorOptions {
  /** HTTP status this error maps to; 500 when absent. */
  readonly status?: number;
  /** The input field that is wrong, as the caller named it. */
  readonly field?: string;
  /** What the reader can do, one sentence. */
  readonly hint?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** True for a value thrown by Halo itself, optionally with the given code. */
export function isHaloError(error: unknown, code?: string): error is HaloError {
  return error instanceof HaloError && (code === undefined || error.code === code);
}

/** The text of anything that can be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The same as a sentence, with the full stop that the texts of libraries mostly lack; of several errors the first. */
export function sentenceOf(error: unknown): string {
  // As Node tells of several addresses at once, without a message of its own.
  if (error instanceof AggregateError && error.errors.length > 0) return sentenceOf(error.errors[0]);
  const text = messageOf(error).trimEnd();
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
