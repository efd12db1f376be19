import type { MiddlewareHandler } from 'hono';
import type { Context } from 'hono';
import type { Admission, ReadKind } from './admission.ts';
import { heldUntilSent } from './when-sent.ts';

/** Methods that read a shape. */
const READS = new Set(['GET', 'HEAD', 'POST']);

/**
 * Counts reads against their bounds, from before the caller is looked up until the last byte of the answer has left:
 * whoever takes his answer slowly is in flight for as long as he does. `refuse` makes the answer to one too many; a
 * refusal that is thrown becomes a problem document.
 */
export function admitReads(
  admission: Admission,
  refuse: (error: unknown, context: Context) => Response,
): MiddlewareHandler {
  return async (context, next) => {
    if (!READS.has(context.req.method)) return next();
    let release: () => void;
    try {
      release = admission.take(kindOf(context));
    } catch (error) {
      return refuse(error, context);
    }
    await heldUntilSent(context, release, next);
  };
}

/** Which kind of read a request asks for. */
export function kindOf(context: Context): ReadKind {
  // As where it is read: the last one counts, and one without a value counts as set.
  const live = context.req.queries('live')?.at(-1);
  return live === undefined || live === 'false' ? 'initial' : 'live';
}
