import { incidents } from '@halo/shapes/catalog/incidents.ts';
import type { IdentifyCaller } from '../../server/auth/identity.ts';
import { systemClock } from '../../server/platform/clock.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { Hub } from '../../server/realtime/hub.ts';
import type { HubOptions } from '../../server/realtime/hub.ts';
import { realtimeRoutes } from '../../server/realtime/routes.ts';
import type { TestAuth } from './auth.ts';
import type { TestDatabase } from './database.ts';
import { startShapeServer } from './shape-server.ts';
import type { ShapeServer, ShapeServerOptions } from './shape-server.ts';

/** The read path of one instance with `/ws` on it. */
export interface RealtimeServer extends ShapeServer {
  readonly hub: Hub;
}

type Access = Pick<TestAuth, 'requireCaller' | 'openSessions'> & { readonly identify: IdentifyCaller };

/** Starts it behind accounts of the test's; `hub` changes the sockets' bounds and times. */
export async function startRealtimeServer(
  database: TestDatabase,
  auth: Access,
  options: ShapeServerOptions = {},
  hub: Partial<HubOptions> = {},
): Promise<RealtimeServer> {
  let made: Hub | undefined;
  const server = await startShapeServer(database, {
    ...options,
    auth,
    beside: (engine) => {
      const { identify, openSessions } = auth;
      const isArea = (code: string) => /^\d{2}(\d{2})?$/.test(code);
      const countyOf = (code: string) => code.slice(0, 2);
      const common = {
        engine,
        countyOf,
        definition: incidents,
        identify,
        openSessions,
        isArea,
        clock: systemClock,
      };
      made = new Hub({ ...common, logger: createLogger('error'), ...hub });
      const router = realtimeRoutes({
        origins: [],
        hub: made,
        definition: incidents,
        identify,
        addressOf: () => 'a test',
      });
      return { router, close: () => made!.close() };
    },
  });
  return { ...server, hub: made! };
}
