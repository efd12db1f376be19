import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { MemoryChangeLog } from '../../tests/support/memory-change-log.ts';
import { appendThings, THINGS } from '../../tests/support/things-log.ts';
import type { Pool } from '../db/pool.ts';
import { systemClock } from '../platform/clock.ts';
import { createLogger } from '../platform/logger.ts';
import { createShapeEngine } from './engine.ts';
import type { ReadRequest, ShapeAnswer, ShapeEngine } from './shape-engine.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Describes the table `things` as Postgres would. */
const catalogue = {
  query: () =>
    Promise.resolve({
      rows: THINGS.columns.map(({ name, typeOid, typeModifier }, i) => ({
        oid: '1',
        relreplident: 'f',
        attname: name,
        attnum: i + 1,
        atttypid: String(typeOid),
        atttypmod: typeModifier,
        attnotnull: false,
        typname: i === 1 ? 'text' : 'int4',
        typschema: 'pg_catalog',
        key_index: i === 0 ? 0 : null,
        labels: null,
        typtype: 'b',
        element: null,
        element_schema: null,
        collation_name: null,
        code_point_order: false,
        case_locale: null,
        deterministic: true,
      })),
    }),
} as unknown as Pool;

async function startEngine(changeLog: MemoryChangeLog): Promise<ShapeEngine> {
  const cacheDir = mkdtempSync(join(tmpdir(), 'halo-engine-'));
  onTestFinished(() => rmSync(cacheDir, { recursive: true, force: true }));
  const logger = createLogger('silent');
  return createShapeEngine({
    pool: catalogue,
    changeLog,
    cacheDir,
    logger,
    clock: systemClock,
    random: Math.random,
  });
}

function request(more: Partial<ReadRequest>): ReadRequest {
  return {
    source: { schema: 'public', table: 'things', columns: null, where: null, params: [], replica: 'default' },
    offset: { kind: 'now' },
    handle: null,
    expiredHandle: null,
    live: false,
    session: null,
    signal: new AbortController().signal,
    ...more,
  };
}

type Messages = Extract<ShapeAnswer, { kind: 'messages' }>;

async function textOf({ body }: Messages): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body.pieces()) pieces.push(piece);
  body.release();
  return Buffer.concat(pieces).toString();
}

it('invariant 6: a wait that ends because the engine closes leaves out nothing that it says the reader has', async () => {
  for (let turns = 0; turns < 40; turns += 1) {
    const log = new MemoryChangeLog('epoch', 8n);
    const engine = await startEngine(log);
    const { handle, offset } = (await engine.read(request({}))) as Messages;
    const poll = engine.read(request({ handle, offset, live: true }));
    while (engine.status().waiting === 0) await settled();
    const written = appendThings(log, 16n, [[{ old: null, new: ['1', 'a', '1'] }]]);
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    await engine.close();
    await written;
    const answer = (await poll) as Messages;
    const reached = answer.offset.kind === 'log' && answer.offset.lsn >= 16n;
    expect([turns, reached]).toEqual([turns, (await textOf(answer)).includes('"insert"')]);
  }
});

it('a read that comes to wait only after the engine has closed does not wait', async () => {
  const log = new MemoryChangeLog('epoch', 8n);
  const engine = await startEngine(log);
  const { handle, offset } = (await engine.read(request({}))) as Messages;
  const poll = engine.read(request({ handle, offset, live: true }));
  await engine.close();
  expect(engine.status().waiting).toBe(0);
  expect(await poll).toMatchObject({ upToDate: true, hasData: false });
});
