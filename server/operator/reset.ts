import { issueOperatorReset } from '../auth/passwords/issue-operator-reset.ts';
import type { IssuedReset } from '../auth/passwords/keep-reset.ts';
import { reach, requireTable } from '../compose/database.ts';
import { findDatabase } from '../compose/find-database.ts';
import type { CommandParts } from '../compose/run-command.ts';
import { createPool } from '../db/pool.ts';
import { systemClock } from '../platform/clock.ts';

const POOL_SIZE = 1;
/** What `npm start` takes where it is not told; a port that the system chooses is known to nobody here. */
const USUAL_PORT = 3_000;

/** The whole command `npm run operator -- --reset EMAIL`. Fails as its parts do. */
export async function runReset(
  email: string,
  { config, logger, closers, say }: Pick<CommandParts, 'config' | 'logger' | 'closers' | 'say'>,
): Promise<void> {
  const url = await findDatabase(config, { alone: false }, logger, closers);
  const pool = createPool(url, POOL_SIZE, logger);
  closers.add('pool', () => pool.end());
  await reach(pool);
  await requireTable(
    pool,
    'password_resets',
    'Check DATABASE_URL and HALO_DATA_DIR; npm start makes the first operator.',
  );
  say(words(await issueOperatorReset(pool, email, systemClock.now()), config.port || USUAL_PORT));
}

/** The new password is typed into curl, not into the command: that would leave it in the shell's history. */
function words({ token, expiresAt }: IssuedReset, port: number): string {
  return `Secret, shown this once; it is good once, until ${expiresAt}:

  ${token}

A new password, of 10 to 200 characters, is set with it where Halo answers, while it runs. By curl: give this command, then the line below it
with the password, then Enter and Ctrl-D.

  curl http://localhost:${port}/api/v1/auth/password-reset -H 'content-type: application/json' -d @-
  {"token":"${token}","password":"…"}
`;
}
