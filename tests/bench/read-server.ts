import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { column } from '@halo/shapes/catalog/shape.ts';
import { ROLES } from '@halo/shapes/protocol/auth.ts';
import { z } from 'zod';
import { createPool } from '../../server/db/pool.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { startRealtimeServer } from '../support/realtime-server.ts';
import { trusting } from '../support/shape-server.ts';

/**
 * The read path in a process of its own, over the table that the cases fill. It says where it is, and stops in
 * order when its standard input ends.
 */
const [databaseUrl, dir, slotName, port] = process.argv.slice(2) as [string, string, string, string];
const CONNECTIONS = 10;

const common = {
  table: 'readings',
  columns: [
    column('id', 'int8'),
    column('region', 'text'),
    column('n', 'int4'),
    column('title', 'text'),
    column('at', 'timestamptz'),
  ],
  key: ['id'],
  readers: ROLES,
  personal: false,
};
const value = { values: [{ param: 'value' }], params: { value: z.string() } };
const catalog = new Map<string, ShapeDefinition>([
  ['all', { ...common, name: 'all', where: null, values: [], params: {} }],
  ['region', { ...common, name: 'region', where: 'region = $1', ...value }],
  // No equality to find it by: every change is shown to every such shape.
  ['above', { ...common, name: 'above', where: 'n > $1', ...value }],
]);

const pool = createPool(databaseUrl, CONNECTIONS, createLogger('silent'));
const database = { name: 'bench', url: databaseUrl, pool, drop: () => pool.end() };
const bounds = { total: Infinity, perAddress: Infinity, perUser: Infinity };
const expiresAt = new Date(Date.now() + 86_400_000);
const anybody = { userId: 'bench', role: 'reporter', sessionId: 'bench', expiresAt } as const;
const identify = { byToken: () => Promise.resolve(anybody), byHeader: () => Promise.resolve(anybody) };
const access = { ...trusting(undefined), identify };
const options = { dir, slotName, port: Number(port), catalog };
const server = await startRealtimeServer(database, access, options, { bounds });
process.stdout.write(`ready ${server.url}\n`);
process.stdin.resume();
await new Promise((resolve) => process.stdin.once('end', resolve));
await server.stop();
await pool.end();
