import type { MiddlewareHandler } from 'hono';
import type { CallerEnv, RequireCaller } from '../auth/identity.ts';
import type { ReaderContacts } from './reader-contacts.ts';

/**
 * The same guard, which takes note of who follows a shape: who names his run by `session`. Behind the guard, since in front of it
 * anybody could make up readers, or keep those that are gone among the present; and by log-in, since each reload begins another run.
 */
export function noteReaders(contacts: ReaderContacts, requireCaller: RequireCaller): RequireCaller {
  const note: MiddlewareHandler<CallerEnv> = async (context, next) => {
    if (context.req.query('session') !== undefined) contacts.heard(context.get('caller').sessionId);
    await next();
  };
  return (roles) => {
    const guard = requireCaller(roles);
    return (context, next) => guard(context, () => note(context, next) as Promise<void>);
  };
}
