import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import type { ServerResponse } from 'node:http';
import { CHECK_HEADER, DEVICE_HEADER } from '@halo/shapes/protocol/headers.ts';
import type { MiddlewareHandler } from 'hono';
import type { Caller, CallerEnv, RequireCaller } from '../auth/identity.ts';
import { isHaloError } from '../platform/errors.ts';
import type { DeviceBook, HeardDevice } from './device-book.ts';
import type { CallerContext, DeviceContacts } from './device-contacts.ts';
import type { OpenChecks } from './open-checks.ts';
import { readPosition } from './read-position.ts';
import { readReport } from './read-report.ts';

/** Answers that went as the protocol has it, though their status is not 2xx: not modified, and left by the reader. */
const ORDINARY = new Set([304, 499]);

/** Stands behind the guard of the routes that devices use, writes into the book who asks, and hands checks out. */
export function observeDevices(book: DeviceBook, checks: OpenChecks): DeviceContacts {
  const observe: MiddlewareHandler<CallerEnv> = async (c, next) => {
    const { userId, sessionId } = c.get('caller');
    const device = book.heard({ userId, sessionId, report: readReport(c.req.header(DEVICE_HEADER)) });
    const shape = noteShape(book, device, c);
    await next();
    noteAnswer(book, device, shape, c);
    handOut(checks, device, c);
  };
  return {
    observing:
      (requireCaller: RequireCaller): RequireCaller =>
      (roles) => {
        const guard = requireCaller(roles);
        return (c, next) => guard(c, () => observe(c, next) as Promise<void>);
      },
    batchOf(caller: Caller, deviceId: string) {
      book.named(caller.sessionId, deviceId);
      book.heard({ ...caller, report: undefined });
    },
  };
}

/** The shape that was asked for, and what that proves. */
function noteShape(book: DeviceBook, device: HeardDevice, c: CallerContext): string | null {
  const name = c.req.param('name');
  if (name === undefined || !CATALOG.has(name)) return null;
  const isReading = c.req.method === 'GET' && c.req.path === `/v1/shapes/${encodeURIComponent(name)}`;
  const position = isReading ? readPosition(name, new URL(c.req.url).searchParams) : undefined;
  if (position === undefined) return name;
  book.asked(device, position);
  const { outgoing } = (c.env as { outgoing?: ServerResponse } | undefined) ?? {};
  if (position.phase !== 'live') outgoing?.once('close', book.takes(device));
  return position.shape;
}

function noteAnswer(book: DeviceBook, device: HeardDevice, shape: string | null, c: CallerContext): void {
  const { status, headers } = c.res;
  if (status < 300 || ORDINARY.has(status)) return;
  const retryAfterS = Number(headers.get('retry-after'));
  if (retryAfterS > 0) book.sentAway(device, retryAfterS * 1_000);
  const code = isHaloError(c.error) ? c.error.code : `http_${status}`;
  // A shape that is to be read anew: the protocol's own word, which has no code.
  const isRefetch = status === 409 && !isHaloError(c.error);
  book.refused(device, isRefetch ? 'refetch' : status >= 500 ? 'failed' : 'refused', shape, code);
}

/** A check goes with an answer that nobody else is given from a cache. */
function handOut(checks: OpenChecks, device: HeardDevice, c: CallerContext): void {
  if (!checks.has(device.id) || device.report === undefined) return;
  if (c.res.headers.get('cache-control')?.includes('no-store') !== true) return;
  const id = checks.take(device.id);
  if (id !== undefined) c.res.headers.set(CHECK_HEADER, id);
}
