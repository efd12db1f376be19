import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { DeviceAnswer, DeviceState } from '@halo/shapes/protocol/inspector-devices.ts';
import { recordLook } from '../audit/audit-log.ts';
import type { CallerEnv, RequireCaller } from '../auth/identity.ts';
import type { Pool } from '../db/pool.ts';
import type { Clock } from '../platform/clock.ts';
import { HaloError } from '../platform/errors.ts';
import { readPage } from '../platform/keyset-page.ts';
import { createRouter } from '../platform/router.ts';
import { addHistory } from './history-routes.ts';
import { answerCheck, askDevice, deviceNotFound, listChecks } from './check-store.ts';
import * as devices from './declare-devices.ts';
import * as sync from './declare-sync.ts';
import { listEvents } from './event-store.ts';
import { listFeeds } from './feed-store.ts';
import { STATE_ORDER } from './fleet.ts';
import type { Fleet } from './fleet.ts';
import { lastVerdict } from './history-store.ts';
import type { Instances } from './instances.ts';
import { countMutations, findMutation, listMutations } from './mutation-store.ts';
import type { ReadOpenAlerts } from './open-alerts.ts';
import { overviewOf } from './overview.ts';
import { readReplication } from './replication-store.ts';
import { decodePlace, readRows } from './row-store.ts';
import type { PermittedShape } from './row-store.ts';
import { countSettled } from './settled-counts.ts';
import { listShapes } from './shape-list.ts';

const NO_STORE = { 'cache-control': 'private, no-store' };

/** What the routes need from outside. */
export interface InspectorRoutesParts {
  readonly pool: Pool;
  readonly requireCaller: RequireCaller;
  readonly catalog: ReadonlyMap<string, ShapeDefinition>;
  /** What a person may follow under a shape's name: throws where he may not, or the parameters are wrong. */
  readonly permit: (
    definition: ShapeDefinition,
    params: Readonly<Record<string, string>>,
    person: { readonly userId: string; readonly role: Role },
  ) => PermittedShape;
  readonly fleet: Fleet;
  readonly instances: Instances;
  readonly openAlerts: ReadOpenAlerts;
  readonly newId: () => string;
  readonly clock: Clock;
}

/** What operators see of devices and of the sync, and what a device is asked. */
export function inspectorRoutes(parts: InspectorRoutesParts): OpenAPIHono<CallerEnv> {
  const router = createRouter<CallerEnv>();
  addDevices(router, parts);
  addChecks(router, parts);
  addMutations(router, parts);
  addSync(router, parts);
  addHistory(router, parts);
  return router;
}

function addDevices(router: OpenAPIHono<CallerEnv>, parts: InspectorRoutesParts): void {
  const { pool, requireCaller, fleet } = parts;
  router.openapi(devices.devicesRoute(requireCaller), async (c) => {
    const { state, q, userId, ...page } = c.req.valid('query');
    const view = await fleet.view();
    const matching = view.devices.filter((device) => matches(device, state, q, userId));
    const { items, nextCursor } = await readPage(page, ['devices', state, q, userId], (after, limit) => {
      const isAfter = ({ micros, id }: { micros: number; id: string }) =>
        after === undefined || micros > after.micros || (micros === after.micros && id > after.id);
      const placed = matching.map((item) => ({
        item,
        position: { micros: STATE_ORDER[item.state], id: item.id },
      }));
      return Promise.resolve(placed.filter(({ position }) => isAfter(position)).slice(0, limit));
    });
    return c.json(
      { counts: view.counts, truncated: view.truncated, devices: [...items], nextCursor },
      200,
      NO_STORE,
    );
  });
  router.openapi(devices.deviceRoute(requireCaller), async (c) => {
    const { id } = c.req.valid('param');
    const device = await deviceOf(fleet, id);
    const [checks, mutations] = await Promise.all([listChecks(pool, id, 1), countMutations(pool, id)]);
    return c.json({ ...device, lastCheck: checks[0] ?? null, mutations }, 200, NO_STORE);
  });
  router.openapi(devices.eventsRoute(requireCaller), async (c) => {
    const { id } = c.req.valid('param');
    await deviceOf(fleet, id);
    const { items, nextCursor } = await readPage(c.req.valid('query'), ['events', id], (after, limit) =>
      listEvents(pool, id, after, limit),
    );
    return c.json({ events: [...items], nextCursor }, 200, NO_STORE);
  });
  router.openapi(devices.rowsRoute(requireCaller), async (c) => {
    const { shape, cursor, limit } = c.req.valid('query');
    const { id } = c.req.valid('param');
    const { user } = await deviceOf(fleet, id);
    const permitted = permittedShape(parts, shape, { userId: user.id, role: user.role });
    const { length } = permitted.definition.key;
    const after = cursor === undefined ? undefined : decodePlace(cursor, shape, length);
    const rows = await readRows(pool, permitted, shape, { after, limit, role: c.get('caller').role });
    await recordLook(pool, c.get('caller'), {
      action: 'device.rows_read',
      target: { kind: 'device', id },
      details: { userId: user.id, shape: permitted.definition.name },
    });
    return c.json(rows, 200, NO_STORE);
  });
}

function addChecks(router: OpenAPIHono<CallerEnv>, parts: InspectorRoutesParts): void {
  const { pool, requireCaller, fleet, newId } = parts;
  router.openapi(devices.checksRoute(requireCaller), async (c) => {
    const { id } = c.req.valid('param');
    await deviceOf(fleet, id);
    return c.json({ checks: await listChecks(pool, id) }, 200, NO_STORE);
  });
  router.openapi(devices.askRoute(requireCaller), async (c) => {
    const { id } = c.req.valid('param');
    return c.json(await askDevice(pool, newId(), id, c.get('caller')), 202, NO_STORE);
  });
  router.openapi(devices.answerRoute(requireCaller), async (c) => {
    const { id, checkId } = c.req.valid('param');
    const { userId } = c.get('caller');
    await answerCheck(pool, { id: checkId, deviceId: id, userId }, c.req.valid('json'));
    return c.body(null, 204, NO_STORE);
  });
}

function addMutations(router: OpenAPIHono<CallerEnv>, { pool, requireCaller }: InspectorRoutesParts): void {
  router.openapi(sync.mutationsRoute(requireCaller), async (c) => {
    const { cursor, limit, ...filter } = c.req.valid('query');
    const { items, nextCursor } = await readPage({ cursor, limit }, ['mutations', filter], (after, count) =>
      listMutations(pool, filter, after, count),
    );
    return c.json({ mutations: [...items], nextCursor }, 200, NO_STORE);
  });
  router.openapi(sync.mutationRoute(requireCaller), async (c) => {
    const { id } = c.req.valid('param');
    const mutation = await findMutation(pool, id, c.get('caller').role);
    if (mutation === undefined) {
      throw new HaloError('mutation_not_found', 'No such mutation has been settled.', { status: 404 });
    }
    await recordLook(pool, c.get('caller'), {
      action: 'mutation.read',
      target: { kind: 'mutation', id },
      details: { userId: mutation.user.id },
    });
    return c.json(mutation, 200, NO_STORE);
  });
}

function addSync(router: OpenAPIHono<CallerEnv>, parts: InspectorRoutesParts): void {
  const { pool, requireCaller, catalog, fleet, instances, openAlerts, clock } = parts;
  router.openapi(sync.overviewRoute(requireCaller), async (c) => {
    const [view, all, feeds, alerts, mutations, last] = await Promise.all([
      fleet.view(),
      instances.all(),
      listFeeds(pool),
      openAlerts(),
      countSettled(pool),
      lastVerdict(pool),
    ]);
    const facts = { fleet: view, instances: all, feeds, alerts };
    return c.json(overviewOf({ now: clock.now(), mutations, last, ...facts }), 200, NO_STORE);
  });
  router.openapi(sync.shapesRoute(requireCaller), async (c) => {
    const [view, all] = await Promise.all([fleet.view(), instances.all()]);
    return c.json(await listShapes(pool, catalog, all, view, clock.now()), 200, NO_STORE);
  });
  router.openapi(sync.replicationRoute(requireCaller), async (c) => {
    return c.json(await readReplication(pool, await instances.all()), 200, NO_STORE);
  });
  router.openapi(sync.feedsRoute(requireCaller), async (c) => {
    return c.json({ feeds: await listFeeds(pool) }, 200, NO_STORE);
  });
}

function matches(
  { id, state, user }: DeviceAnswer,
  wanted: DeviceState | undefined,
  q: string | undefined,
  userId: string | undefined,
): boolean {
  if (wanted !== undefined && state !== wanted) return false;
  if (userId !== undefined && user.id !== userId) return false;
  if (q === undefined) return true;
  const text = q.toLowerCase();
  const names = [user.email ?? '', user.displayName].map((name) => name.toLowerCase());
  return id.startsWith(text) || user.id.startsWith(text) || names.some((name) => name.includes(text));
}

async function deviceOf(fleet: Fleet, id: string): Promise<DeviceAnswer> {
  const device = await fleet.device(id);
  if (device === undefined) throw deviceNotFound();
  return device;
}

/** The shape that `incidents?region=01` names, as the device's person may have it. */
function permittedShape(
  { catalog, permit }: InspectorRoutesParts,
  shape: string,
  person: { readonly userId: string; readonly role: Role },
): PermittedShape {
  const [name = '', query = ''] = shape.split('?', 2);
  const definition = catalog.get(name);
  if (definition === undefined) {
    throw new HaloError('shape_not_found', `There is no shape ${name}.`, { status: 404 });
  }
  return permit(definition, Object.fromEntries(new URLSearchParams(query)), person);
}
