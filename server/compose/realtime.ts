import { incidents } from '@halo/shapes/catalog/incidents.ts';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Gazetteer } from '../areas/area.ts';
import type { CallerEnv } from '../auth/identity.ts';
import type { Config } from '../config/config.ts';
import type { Metrics } from '../operations/metrics.ts';
import { clientAddress } from '../platform/client-address.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { Hub } from '../realtime/hub.ts';
import { realtimeRoutes } from '../realtime/routes.ts';
import { SOCKET_BOUNDS } from '../realtime/socket-limits.ts';
import type { Auth } from './auth.ts';
import type { ReadPath } from './read-path.ts';

interface RealtimeParts {
  readonly config: Config;
  readonly auth: Auth;
  readonly readPath: ReadPath | undefined;
  readonly gazetteer: Gazetteer;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The WebSocket; it has no hub where another server answers the shapes. */
export interface Realtime {
  readonly router: OpenAPIHono<CallerEnv>;
  readonly hub: Hub | undefined;
}

/** Starts to follow the log for sockets, with the limits that the configuration leaves. */
export function openRealtime({
  config,
  auth,
  readPath,
  gazetteer,
  metrics,
  ...common
}: RealtimeParts): Realtime {
  const { identify, openSessions } = auth;
  const bounds =
    config.rateLimit !== 'off'
      ? SOCKET_BOUNDS
      : { ...SOCKET_BOUNDS, perAddress: Infinity, perUser: Infinity };
  const definition = incidents;
  const isArea = (code: string) => gazetteer.byCode(code) !== undefined;
  const countyOf = (code: string): string | undefined => {
    const area = gazetteer.byCode(code);
    return area === undefined || area.parentCode === null ? area?.code : countyOf(area.parentCode);
  };
  const hub =
    readPath === undefined
      ? undefined
      : new Hub({
          ...common,
          engine: readPath.engine,
          definition,
          identify,
          openSessions,
          isArea,
          countyOf,
          bounds,
        });
  if (hub !== undefined) registerSockets(metrics, hub);
  const addressOf = clientAddress(config.proxies);
  return {
    router: realtimeRoutes({ hub, definition, identify, addressOf, origins: config.corsOrigins }),
    hub,
  };
}

function registerSockets(metrics: Metrics, hub: Hub): void {
  metrics.gauge('halo_realtime_sockets', 'Open WebSockets', () => hub.status().open);
  metrics.gauge('halo_realtime_subscriptions', 'Subscriptions that are told of changes as they come', () => {
    return hub.status().live;
  });
  metrics.counter(
    'halo_realtime_messages_sent_total',
    'Messages sent over WebSockets',
    () => hub.status().sent,
  );
  metrics.counters('halo_realtime_closed_total', 'WebSockets that were closed, by the reason', () => {
    return hub.status().closed;
  });
}
