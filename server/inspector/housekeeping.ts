import type { Pool } from '../db/pool.ts';
import type { Job } from '../jobs/job.ts';
import { sweepEvents } from './event-store.ts';
import { sweepHistory } from './history-store.ts';

/** Contacts of a device that has been silent for a day say no more than its status, which remembers it for a quarter. */
const CONTACTS_KEPT = `interval '1 day'`;
const DEVICES_KEPT = `interval '90 days'`;

/** Forgets devices that have not been heard for long, and what happened long ago. */
export function createInspectorSweep(pool: Pool): Job {
  return {
    name: 'inspector-sweep',
    schedule: '*/15 * * * *',
    async run(signal) {
      await sweepEvents(pool);
      await sweepHistory(pool, signal);
      await pool.query(
        `UPDATE device_status s SET heard_at = c.heard
           FROM (SELECT id, max(heard_at) AS heard FROM device_contacts
                  WHERE heard_at < now() - ${CONTACTS_KEPT} GROUP BY id) c
          WHERE c.id = s.id AND s.heard_at < c.heard`,
      );
      await pool.query(`DELETE FROM device_contacts WHERE heard_at < now() - ${CONTACTS_KEPT}`);
      await pool.query(`DELETE FROM device_status WHERE heard_at < now() - ${DEVICES_KEPT}`);
      await pool.query(`DELETE FROM instance_status WHERE reported_at < now() - ${CONTACTS_KEPT}`);
      await pool.query(`DELETE FROM replication_events WHERE at < now() - ${DEVICES_KEPT}`);
    },
  };
}
