import { problemSchema } from '@halo/shapes/protocol/problem.ts';

/** Code where no answer came at all. */
export const UNREACHABLE = 'unreachable';

/** Why a request failed: the problem's own code, or `unreachable`, or `unexpected_answer`. */
export class ApiError extends Error {
  readonly code: string;
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  readonly field: string | undefined;

  constructor(code: string, status: number, message: string, field?: string) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.field = field;
  }
}

/** The error that an answer's body tells of. */
export function problemOf(status: number, text: string): ApiError {
  const problem = problemSchema.safeParse(parsed(text));
  if (!problem.success) return new ApiError(`http_${status}`, status, '');
  const { code, detail, title, field } = problem.data;
  return new ApiError(code, status, detail ?? title, field);
}

/** What a thrown value means here; whatever is no error of a request is said as it is. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  return new ApiError('unexpected', 0, thrown instanceof Error ? thrown.message : String(thrown));
}

/** The value of a JSON text; undefined where it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
