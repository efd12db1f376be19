import { OpenAPIHono } from '@hono/zod-openapi';
import type { Env } from 'hono';
import { HaloError } from './errors.ts';
import { isStorableText } from './storable-text.ts';

/** Deepest nesting of a body; none that is asked for has a tenth of it. */
const MAX_DEPTH = 64;

/** How a router takes its inputs. */
export interface RouterOptions {
  /** Whether texts that Postgres cannot store are taken all the same, because the route has an answer of its own to them. */
  readonly takesAnyText?: boolean;
}

/**
 * Makes a router whose declared inputs are checked before a handler runs: the first fault becomes a 400
 * `invalid_request` that names the field. Text that Postgres cannot store is one.
 */
export function createRouter<E extends Env = Env>({
  takesAnyText = false,
}: RouterOptions = {}): OpenAPIHono<E> {
  return new OpenAPIHono<E>({
    defaultHook: (result) => {
      if (result.success) {
        if (!takesAnyText) refuseUnstorable(result.data, [], result.target);
        return;
      }
      const issue = result.error.issues[0];
      throw invalid(issue?.message ?? 'The request is not valid.', issue?.path ?? [], result.target);
    },
  });
}

function refuseUnstorable(value: unknown, path: readonly PropertyKey[], target: string): void {
  if (typeof value === 'string') {
    if (!isStorableText(value)) throw invalid('Text must be valid Unicode without NUL.', path, target);
    return;
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) return;
  if (path.length > MAX_DEPTH) throw invalid(`Nested deeper than ${MAX_DEPTH} levels.`, [], target);
  for (const [key, member] of Object.entries(value)) {
    if (!isStorableText(key)) throw invalid('Names must be valid Unicode without NUL.', path, target);
    refuseUnstorable(member, [...path, key], target);
  }
}

function invalid(message: string, path: readonly PropertyKey[], target: string): HaloError {
  const field = path.length === 0 ? target : path.map(String).join('.');
  return new HaloError('invalid_request', message, { status: 400, field });
}
