import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { LogicalReplicationService, PgoutputPlugin } from 'pg-logical-replication';
import type { Pool } from '../../server/db/pool.ts';
import { seconds } from './snapshot.ts';

const run = promisify(execFile);
/** As many slots as there are readers: what one has read is not there for the next. */
const SLOTS = { library: 'bench_library', tool: 'bench_tool' };

/** Two floors of reading the WAL: the library that replication stands on, and Postgres's own tool. */
export class ReceiveOnly {
  readonly #pool: Pool;
  readonly #databaseUrl: string;

  constructor(pool: Pool, databaseUrl: string) {
    this.#pool = pool;
    this.#databaseUrl = databaseUrl;
  }

  /** Makes the slots; what is written from now on is read later. */
  async begin(): Promise<void> {
    for (const slot of Object.values(SLOTS)) {
      await this.#pool.query('SELECT pg_create_logical_replication_slot($1, $2)', [slot, 'pgoutput']);
    }
  }

  /** Seconds that the library takes to decode so many inserts, which are thrown away. */
  library(inserts: number): Promise<number> {
    return seconds(async () => {
      const service = new LogicalReplicationService(
        { connectionString: this.#databaseUrl },
        { acknowledge: { auto: false, timeoutSeconds: 0 }, flowControl: { enabled: true } },
      );
      const plugin = new PgoutputPlugin({ protoVersion: 1, publicationNames: ['halo'] });
      let left = inserts;
      await new Promise<void>((resolve, reject) => {
        service.on('data', (_lsn, message: { tag: string }) => {
          if (message.tag === 'insert' && (left -= 1) === 0) resolve();
        });
        service.on('error', reject);
        service.subscribe(plugin, SLOTS.library).catch(reject);
      });
      await service.destroy();
    });
  }

  /** Seconds that `pg_recvlogical` takes to write all that there is to nowhere; undefined where it is not installed. */
  async tool(): Promise<number | undefined> {
    const { rows } = await this.#pool.query<{ lsn: string }>(
      'SELECT pg_current_wal_flush_lsn()::text AS lsn',
    );
    const options = ['--no-loop', '-o', 'proto_version=1', '-o', 'publication_names=halo', '-f', '/dev/null'];
    const which = ['-d', this.#databaseUrl, '-S', SLOTS.tool, '--start', `--endpos=${rows[0]!.lsn}`];
    try {
      return await seconds(() => run('pg_recvlogical', [...which, ...options]));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }
}
