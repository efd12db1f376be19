import { expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { insertCounties, insertIncident } from '../support/incident-rows.ts';
import { StrictShapeReader } from '../support/shape-client.ts';
import { startShapeServer } from '../support/shape-server.ts';

const REGIONS = Array.from({ length: 12 }, (_, n) => String(n + 1).padStart(2, '0'));

it('invariant 5: what a snapshot saw does not come again from a log that was behind it', async () => {
  const database = await useTestDatabase();
  const { pool } = database;
  await insertCounties(pool, REGIONS);
  const server = await startShapeServer(database);
  onTestFinished(() => server.stop());
  const { slotName, caughtUp } = server.readPath;
  for (const region of REGIONS) {
    // The log cannot have the row yet when its region's first snapshot is taken: replication has to begin anew.
    await pool.query(
      `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots
        WHERE slot_name = $1 AND active_pid IS NOT NULL`,
      [slotName],
    );
    const seen = await insertIncident(pool, { region });
    const reader = new StrictShapeReader(server.url, '/v1/shapes/incidents', { region });
    await reader.catchUp();
    expect([...reader.rows.values()].map((row) => row['id'])).toEqual([seen]);
    await caughtUp();
    const later = await insertIncident(pool, { region });
    await caughtUp();
    // The strict reader fails when it is told of a row that it has.
    await reader.catchUp();
    const ids = [...reader.rows.values()].map((row) => row['id']);
    expect(ids.toSorted()).toEqual([seen, later].toSorted());
    expect(reader.refetches).toBe(0);
  }
});
