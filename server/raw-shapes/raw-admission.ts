import type { Context } from 'hono';
import { HaloError } from '../platform/errors.ts';
import { corsHeaders, json } from './raw-answer.ts';

/** Electric's name for reads that do not begin a shape. */
const KIND_NAMES: Readonly<Record<string, string>> = { initial: 'initial', live: 'existing' };

/**
 * The answer to one read too many, in Electric's form.
 * Source: https://electric-sql.com/docs/guides/troubleshooting
 */
export function refuseRead(error: unknown, context: Context): Response {
  if (!(error instanceof HaloError) || error.code !== 'too_many_reads') throw error;
  const { kind, limit, retryAfterS } = error.details;
  const message = `Concurrent ${KIND_NAMES[String(kind)]} request limit exceeded (limit: ${String(limit)}), please retry`;
  return json(503, { code: 'concurrent_request_limit_exceeded', message }, 'no-store', {
    ...corsHeaders(context.req.header('origin')),
    'surrogate-control': 'no-store',
    'electric-internal-known-error': 'true',
    'retry-after': String(retryAfterS),
  });
}
