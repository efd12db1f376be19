import { createClosers } from '../compose/closers.ts';
import type { Config } from '../config/config.ts';
import type { Pool } from '../db/pool.ts';
import { readArguments } from '../import/arguments.ts';
import { openDatabase } from '../import/open-database.ts';
import { runImport } from '../import/run.ts';
import type { Logger } from '../platform/logger.ts';
import { CITY_REGISTER } from './city-past.ts';
import type { CityPast } from './city-past.ts';

/**
 * Imports the city's past as `npm run import` does, and resolves with what that says. Resolves with undefined, importing nothing, where
 * the database holds reports of before the demo: nobody's own history gets a simulated one among it.
 */
export async function bringPast(
  { file }: CityPast,
  config: Config,
  logger: Logger,
  signal: AbortSignal,
): Promise<string | undefined> {
  const closers = createClosers(logger);
  let said = '';
  try {
    const { pool } = await openDatabase(config, logger, closers);
    if (await hasOtherHistory(pool)) return undefined;
    const args = [file, '--source', CITY_REGISTER, '--rejects', `${file}.rejects.csv`];
    const output = { write: (text: string) => (said += text) };
    await runImport(readArguments(args)!, config, logger, closers, output, signal);
  } finally {
    await closers.closeAll();
  }
  // Before it stand lines of how far it was, where it took long.
  return said.split('\n').find((line) => line.includes(' rows in '));
}

/** Whether somebody reported here before there was a demo. What the police feed tells of has no point, and disturbs nothing. */
async function hasOtherHistory(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ found: boolean }>(
    `SELECT NOT EXISTS (SELECT FROM reports WHERE register = $1) AND EXISTS (
       SELECT FROM reports WHERE location_precision = 'point' AND received_at < now() - interval '1 day'
     ) AS found`,
    [CITY_REGISTER],
  );
  return rows[0]!.found;
}
