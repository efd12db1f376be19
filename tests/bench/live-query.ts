import { join } from 'node:path';
import { openHalo } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import pg from 'pg';
import { registerAccount, startServerProcess, stopServerProcess } from '../support/server.ts';
import { insertIncidents } from './incident-rows.ts';
import { measure } from './measure.ts';
import type { Figure } from './read-bench.ts';
import { FIRST_QUERY } from '../../client-sdk/platform/browser/testing/time-to-open.ts';

const RUNS = 50;
const WARM_UP = 5;
const MINE =
  'SELECT id, type, description, sync_state FROM my_reports ORDER BY occurred_at DESC, id LIMIT 50';

/**
 * A case with so many incidents in the replica, offline: from the call of `report()` to its row in a live query of
 * `my_reports`, beside that query alone; and what a screen of incidents costs to ask for.
 */
export function liveQuery(rows: number) {
  return async (databaseUrl: string, dir: string): Promise<readonly Figure[]> => {
    const client = new pg.Client(databaseUrl);
    await client.connect();
    const server = await startServerProcess(databaseUrl, { env: { HALO_RATE_LIMIT: 'off' } });
    await insertIncidents(client, rows);
    await client.end();
    const auth = await registerAccount(server.url, 'asker');
    const shapes = [{ name: 'incidents', params: { region: '01' } }];
    const halo = await openHalo({
      url: server.url,
      store: nodeStore(join(dir, `asker-${rows}`)),
      auth,
      shapes,
    });
    try {
      await halo.whenLive();
      // From now on nothing comes from outside.
      await stopServerProcess(server);
      let shown = () => {};
      const seen = new Set<unknown>();
      const stop = halo.live<{ id: string }>(MINE, [], (found) => {
        for (const { id } of found) seen.add(id);
        shown();
      });
      const shownAs = async (id: string) => {
        while (!seen.has(id)) await new Promise<void>((resolve) => (shown = resolve));
      };
      const reported = await measure(RUNS, WARM_UP, async () => {
        const { id } = await halo.report({
          type: 'theft',
          severity: 2,
          occurredAt: new Date().toISOString(),
          description: 'A bicycle was taken',
          location: { lat: 59.33, lon: 18.06, accuracyM: 10 },
        });
        await shownAs(id);
      });
      stop();
      const alone = await measure(RUNS, WARM_UP, async () => void (await halo.query(MINE)));
      const screen = await measure(RUNS, WARM_UP, async () => void (await halo.query(FIRST_QUERY)));
      return [
        {
          name: `report() → its row in a live query, ${rows} incidents, p50`,
          value: reported.p50,
          unit: 'ms',
          floor: { what: 'the query alone', value: alone.p50 },
        },
        {
          name: 'the same, p99',
          value: reported.p99,
          unit: 'ms',
          floor: { what: 'the query alone', value: alone.p99 },
        },
        { name: 'the newest 50 incidents, p50', value: screen.p50, unit: 'ms' },
      ];
    } finally {
      await halo.close();
      await stopServerProcess(server);
    }
  };
}
