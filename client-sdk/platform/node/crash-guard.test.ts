import { expect, it } from 'vitest';
import { memoryPostgres } from '../../../tests/support/prepared-replica.ts';
import { guardAgainstCrashes } from '../crash-guard.ts';

it('takes a Postgres that fails while it handles a failure for a crashed one, and enters it no more', async () => {
  const database = await memoryPostgres();
  const postgres = database.Module as unknown as { _PostgresMainLongJmp(): void };
  // As when the disk has no room for the log to tell that the transaction ended.
  postgres._PostgresMainLongJmp = () => {
    throw new Error('Aborted()');
  };
  const crashes: string[] = [];
  const guarded = guardAgainstCrashes(database, ({ message }) => crashes.push(message));
  for (const sql of ['SELECT 1 / 0', 'SELECT 1'])
    await expect(guarded.query(sql)).rejects.toMatchObject({ code: 'replica_crashed' });
  await guarded.close();
  expect(crashes).toEqual(["The replica's Postgres has crashed: Aborted()"]);
});
