import pg from 'pg';
import type { Dice } from './random.ts';
import { bulk, randomStatement, truncation } from './statements.ts';

const SESSIONS = 6;
/** A session whose row another one holds gives up its statement after this long. */
const LOCK_TIMEOUT = '20ms';
/** How many batches a transaction may stay open. */
const MAX_AGE_BATCHES = 3;

interface Session {
  readonly client: pg.Client;
  open: boolean;
  /** Batches that its transaction was left open over. */
  age: number;
}

/** Sessions whose transactions interleave at random, and outlive a batch now and then. */
export class Writers {
  readonly #sessions: readonly Session[];
  readonly #calm: pg.Client;
  readonly #dice: Dice;
  /** Tables that were emptied since `finishBatch` was called last, and how often. */
  #truncations = new Map<string, number>();

  private constructor(clients: readonly pg.Client[], dice: Dice) {
    this.#calm = clients[0]!;
    this.#sessions = clients.slice(1).map((client) => ({ client, open: false, age: 0 }));
    this.#dice = dice;
  }

  static async open(databaseUrl: string, dice: Dice): Promise<Writers> {
    const clients = Array.from({ length: SESSIONS + 1 }, () => new pg.Client(databaseUrl));
    for (const client of clients) {
      await client.connect();
      await client.query(`SET lock_timeout = '${LOCK_TIMEOUT}'`);
    }
    return new Writers(clients, dice);
  }

  /** One step of one session. */
  async act(): Promise<void> {
    const dice = this.#dice;
    if (dice.chance(0.01)) return this.#truncate();
    if (dice.chance(0.004)) return this.bulk();
    const session = dice.pick(this.#sessions);
    const { client } = session;
    if (!session.open) await client.query('BEGIN');
    session.open = true;
    await client.query('SAVEPOINT s');
    const statement = randomStatement(dice);
    const rollback = dice.chance(0.15);
    const dies = dice.below(10);
    try {
      await client.query(statement);
      await client.query(rollback ? 'ROLLBACK TO s' : 'RELEASE s');
    } catch (error) {
      // A row that another session holds, a key that is taken: what a database refuses is not what is tested.
      if (!(error instanceof pg.DatabaseError)) throw error;
      await client.query('ROLLBACK TO s');
    }
    if (dies < 5) return;
    await client.query(dies < 9 ? 'COMMIT' : 'ROLLBACK');
    session.open = false;
    session.age = 0;
  }

  /** Ends the transactions of the batch, but for those left open over the next; tells what was truncated. */
  async finishBatch(): Promise<ReadonlyMap<string, number>> {
    for (const session of this.#sessions) {
      if (!session.open) continue;
      session.age += 1;
      if (session.age < MAX_AGE_BATCHES && this.#dice.chance(0.4)) continue;
      await session.client.query('COMMIT');
      session.open = false;
      session.age = 0;
    }
    const truncations = this.#truncations;
    this.#truncations = new Map();
    return truncations;
  }

  async close(): Promise<void> {
    await Promise.all(
      [this.#calm, ...this.#sessions.map(({ client }) => client)].map((client) => client.end()),
    );
  }

  async #truncate(): Promise<void> {
    const { table, statements } = truncation(this.#dice);
    const commits = this.#dice.chance(0.8);
    if (!(await this.#transaction(statements, commits)) || !commits) return;
    this.#truncations.set(table.name, (this.#truncations.get(table.name) ?? 0) + 1);
  }

  /** A transaction that is more than one piece of the log, and one that takes it back. */
  async bulk(): Promise<void> {
    const statements = bulk(this.#dice);
    for (const statement of statements) await this.#transaction([statement], true);
  }

  /** False when a lock was not to be had. */
  async #transaction(statements: readonly string[], commits: boolean): Promise<boolean> {
    await this.#calm.query('BEGIN');
    try {
      for (const statement of statements) await this.#calm.query(statement);
      await this.#calm.query(commits ? 'COMMIT' : 'ROLLBACK');
      return true;
    } catch (error) {
      await this.#calm.query('ROLLBACK');
      if (!(error instanceof pg.DatabaseError)) throw error;
      return false;
    }
  }
}
