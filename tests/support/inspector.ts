import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import { uuidv7 } from 'uuidv7';
import type { RequireCaller } from '../../server/auth/identity.ts';
import { permit } from '../../server/compose/inspector.ts';
import { readOpenAlerts } from '../../server/compose/open-alerts.ts';
import type { Pool } from '../../server/db/pool.ts';
import { Fleet } from '../../server/inspector/fleet.ts';
import { HeadHistory } from '../../server/inspector/head-history.ts';
import { Heads } from '../../server/inspector/heads.ts';
import { Instances } from '../../server/inspector/instances.ts';
import type { OwnReport } from '../../server/inspector/own-report.ts';
import { inspectorRoutes } from '../../server/inspector/routes.ts';
import { systemClock } from '../../server/platform/clock.ts';

/** An instance that is well, and has nothing to do. */
export const WELL: OwnReport = {
  ...{ host: 'here', version: 'test', upstream: false, state: 'live', lagBytes: 0, lagMs: 0, provedAge: 900 },
  ...{ contactAge: 900, position: '1000', undispatched: 0, log: { bytes: 10, start: '0', epoch: 'e' } },
  ...{ shapes: [], views: [] },
};

/** The inspector over a database, as the instance `self` whose log ends where `history` says. */
export function inspectorOf(
  pool: Pool,
  requireCaller: RequireCaller,
  { self = '0123456789ab', history = new HeadHistory(), ownReport = (): OwnReport => WELL } = {},
) {
  const nowMs = () => performance.now();
  const instances = new Instances({ db: pool, self, ownReport });
  const heads = new Heads({ history, instances, nowMs });
  const fleet = new Fleet({ pool, heads, clock: systemClock, nowMs });
  const openAlerts = () => readOpenAlerts(pool, { isTold: false, now: systemClock.now() });
  const router = inspectorRoutes({
    ...{ pool, requireCaller, catalog: CATALOG, permit, fleet, instances, openAlerts, newId: uuidv7 },
    clock: systemClock,
  });
  return { router, fleet, instances, openAlerts };
}
