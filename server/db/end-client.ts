import type pg from 'pg';
import { socketOf } from './socket-of.ts';

/** How long Postgres has to take leave, in milliseconds. */
const FAREWELL_MS = 3_000;

/** Ends a client; where the network has swallowed the connection, without an answer. Never rejects. */
export async function endClient(client: pg.Client): Promise<void> {
  const timer = setTimeout(() => socketOf(client).destroy(), FAREWELL_MS);
  try {
    await client.end();
  } catch {
    // It had ended already.
  } finally {
    clearTimeout(timer);
  }
}
