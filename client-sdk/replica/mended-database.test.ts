import { describe, expect, it } from 'vitest';
import { HaloClientError } from '../errors.ts';
import { MendedDatabase } from './mended-database.ts';
import type { ReplicaDatabase } from './replica-database.ts';

const MINUTE_MS = 60_000;

/** A replica of which each Postgres answers with its number until it is crashed. */
async function mended({ broken = false }: { broken?: boolean } = {}) {
  const state = { nowMs: 0, crashed: false, broken, opened: [] as boolean[], closed: 0 };
  const lost: string[] = [];
  let replaced = 0;
  const open = async (anew: boolean): Promise<ReplicaDatabase> => {
    if (state.broken && state.opened.length > 0) throw new Error('the disk does not answer');
    state.opened.push(anew);
    state.crashed = false;
    const number = state.opened.length;
    const answer = async () => {
      if (state.crashed || number !== state.opened.length)
        throw new HaloClientError('replica_crashed', 'Aborted()');
      return { rows: [number] as never[] };
    };
    const close = async () => void (state.closed += 1);
    return { query: answer, exec: answer, transaction: async () => void (await answer()), close };
  };
  const database = await MendedDatabase.open({
    ...{ open, now: () => state.nowMs, onTrouble: () => {} },
    onLost: ({ code }) => lost.push(code),
  });
  database.onReplaced(() => (replaced += 1));
  const crash = async () => {
    state.crashed = true;
    return database.query('SELECT 1').catch((error: HaloClientError) => error.code);
  };
  return { state, database, lost, crash, replaced: () => replaced };
}

describe('a replica whose Postgres crashes', () => {
  it('is opened again as it is, and refuses only what was under way', async () => {
    const { state, database, crash, replaced } = await mended();
    expect(await crash()).toBe('replica_crashed');
    expect(await database.query('SELECT 1')).toEqual({ rows: [2] });
    expect([state.opened, state.closed, replaced()]).toEqual([[false, false], 1, 1]);
  });

  it('is opened once for all that were under way', async () => {
    const { state, database } = await mended();
    state.crashed = true;
    const asked = [
      database.query('SELECT 1'),
      database.exec('SELECT 1'),
      database.transaction(async () => {}),
    ];
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(state.opened).toEqual([false, false]);
  });

  it('is built anew when it crashes again soon, then given up, and not opened in circles', async () => {
    const { state, database, lost, crash } = await mended();
    for (let n = 0; n < 3; n += 1) expect(await crash()).toBe('replica_crashed');
    expect(state.opened).toEqual([false, false, true, true]);
    expect(await crash()).toBe('replica_unavailable');
    expect(lost).toEqual(['replica_crashed']);
    await expect(database.exec('SELECT 1')).rejects.toMatchObject({ code: 'replica_unavailable' });
    expect(state.opened).toHaveLength(4);
    await database.close();
    expect(state.closed).toBe(4);
  });

  it('may crash now and then', async () => {
    const { state, lost, crash } = await mended();
    for (let n = 0; n < 6; n += 1) {
      state.nowMs += 11 * MINUTE_MS;
      expect(await crash()).toBe('replica_crashed');
    }
    expect([lost, state.opened.includes(true)]).toEqual([[], false]);
  });

  it('is given up when it does not open again', async () => {
    const { database, lost, crash } = await mended({ broken: true });
    expect(await crash()).toBe('replica_unavailable');
    expect(lost).toEqual(['replica_unavailable']);
    await database.close();
  });
});
