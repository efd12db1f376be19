import { expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { followWithElectric } from '../support/electric-follower.ts';
import { eventually } from '../support/eventually.ts';
import { insertCounties, insertIncident } from '../support/incident-rows.ts';
import { startShapeServer } from '../support/shape-server.ts';
import type { ShapeServer } from '../support/shape-server.ts';

const WAYS = [
  ['long polls', false],
  ['a stream of events', true],
] as const;

it.each(WAYS)(
  'Electric’s own client, by %s, follows a shape through moves, a restart and a longer absence, without a refetch',
  async (_, liveSse) => {
    const database = await useTestDatabase();
    const { pool } = database;
    await insertCounties(pool, ['01', '03']);
    const kept = await insertIncident(pool, { region: '01' });
    const moved = await insertIncident(pool, { region: '03' });
    let server: ShapeServer = await startShapeServer(database);
    onTestFinished(() => server.stop());
    const incidents = followWithElectric(server.url, 'incidents?region=01', crypto.randomUUID(), { liveSse });
    const expectRows = (ids: readonly string[]) =>
      eventually(() => {
        expect(incidents.values('id')).toEqual(ids.toSorted());
        expect(incidents.kept('id')).toEqual(ids.toSorted());
      });

    await expectRows([kept]);
    await pool.query(`UPDATE incidents SET region = '01', severity = 5 WHERE id = $1`, [moved]);
    await expectRows([kept, moved]);
    await pool.query(`UPDATE incidents SET severity = 1 WHERE id = $1`, [kept]);
    await pool.query(`UPDATE incidents SET region = NULL WHERE id = $1`, [moved]);
    await expectRows([kept]);
    // Left in the middle of a transaction, a reader who comes back would get the rest of it twice.
    const both = [crypto.randomUUID(), crypto.randomUUID()] as const;
    await pool.query(
      `INSERT INTO incidents (id, type, severity, confidence, occurred_at, lat, lon, location_precision, region,
                            report_count, reporter_count)
     SELECT id, 'theft', 3, 0.5, now(), 59.3, 18.1, 'municipality', '01', 1, 1 FROM unnest($1::uuid[]) AS id`,
      [both],
    );
    await expectRows([kept, ...both]);

    const { slotName, dir } = server.readPath;
    const port = Number(new URL(server.url).port);
    await server.stop();
    const missed = await insertIncident(pool, { region: '01' });
    await insertIncident(pool, { region: '03' });
    server = await startShapeServer(database, { slotName, dir, port });
    await expectRows([kept, missed, ...both]);
    const last = await insertIncident(pool, { region: '01', type: 'fire' });
    await expectRows([kept, missed, last, ...both]);
    await pool.query('DELETE FROM incidents WHERE id = $1', [missed]);
    await expectRows([kept, last, ...both]);

    const { rows } = await pool.query<{ severity: number }>(
      `SELECT severity FROM incidents WHERE region = '01'`,
    );
    const severities = rows.map(({ severity }) => severity).toSorted();
    expect(incidents.values('severity')).toEqual(severities);
    expect(incidents.kept('severity')).toEqual(severities);
    expect(incidents.faults).toEqual([]);
    expect(incidents.handles.size).toBe(1);
    expect(incidents.contentTypes.has('text/event-stream')).toBe(liveSse);
  },
);
