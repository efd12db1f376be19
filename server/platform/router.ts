import { OpenAPIHono } from '@hono/zod-openapi';
import type { Env } from 'hono';
import { HaloError } from './errors.ts';

/**
 * Makes a router whose declared inputs are checked before a handler runs: the first fault becomes a 400
 * `invalid_request` that names the field.
 */
export function createRouter<E extends Env = Env>(): OpenAPIHono<E> {
  return new OpenAPIHono<E>({
    defaultHook: (result) => {
      if (result.success) return;
      const issue = result.error.issues[0];
      throw new HaloError('invalid_request', issue?.message ?? 'The request is not valid.', {
        status: 400,
        field: issue === undefined || issue.path.length === 0 ? result.target : issue.path.join('.'),
      });
    },
  });
}
