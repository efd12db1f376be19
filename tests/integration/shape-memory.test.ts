import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { column } from '@halo/shapes/catalog/shape.ts';
import { ROLES } from '@halo/shapes/protocol/auth.ts';
import { formatOffset } from '@halo/shapes/protocol/offset.ts';
import { expect, it, onTestFinished } from 'vitest';
import { isHaloError } from '../../server/platform/errors.ts';
import type { ReadRequest, ShapeAnswer } from '../../server/shape-engine/shape-engine.ts';
import { movableClock } from '../support/auth.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { requestShape } from '../support/shape-client.ts';
import { startShapeServer } from '../support/shape-server.ts';

const PATH = '/v1/shapes/notes';
const NOTE_BYTES = 200_000;
const ANSWER_BYTES = 1_000_000;
/** Answers that have room together; each is a little larger than its note. */
const FITTING = 4;
const READERS = 10;

const NOTES: ShapeDefinition = {
  name: 'notes',
  table: 'notes',
  columns: [column('id', 'int4'), column('words', 'text')],
  key: ['id'],
  where: null,
  values: [],
  params: {},
  readers: ROLES,
  personal: false,
};

type Messages = Extract<ShapeAnswer, { kind: 'messages' }>;

it('invariant 6: stalled readers and last answers stay within one bound, and leave nothing behind', async () => {
  const database = await useTestDatabase();
  await database.pool.query(`
    CREATE TABLE notes (id int PRIMARY KEY, words text NOT NULL);
    ALTER TABLE notes REPLICA IDENTITY FULL;
    ALTER PUBLICATION halo ADD TABLE notes`);
  const clock = movableClock();
  const catalog = new Map([[NOTES.name, NOTES]]);
  const options = { catalog, clock, sweepEveryMs: 20, answerBytes: ANSWER_BYTES };
  const server = await startShapeServer(database, options);
  onTestFinished(() => server.stop());
  const { engine } = server;

  const source = { schema: 'public', table: 'notes', columns: ['id', 'words'], where: null, params: [] };
  const ask = async (more: Partial<ReadRequest>): Promise<Messages> => {
    const answer = await engine.read({
      source: { ...source, replica: 'default' },
      offset: { kind: 'before_all' },
      handle: null,
      expiredHandle: null,
      live: false,
      session: null,
      signal: new AbortController().signal,
      ...more,
    });
    if (answer.kind !== 'messages') throw new Error(`no messages but ${answer.kind}`);
    return answer;
  };
  const first = await ask({});
  first.body.release();
  const { handle } = first;

  // Each reader waits where the one before has been answered, takes his answer, and then nothing of it.
  let { offset } = first;
  const stalled: Messages[] = [];
  let refused = 0;
  for (let id = 0; id < READERS; id += 1) {
    const waits = [1, 2].map(() => ask({ offset, handle, live: true }));
    const answers = Promise.allSettled(waits);
    await eventually(() => engine.status().waiting === 2);
    await database.pool.query('INSERT INTO notes VALUES ($1, $2)', [id, 'x'.repeat(NOTE_BYTES)]);
    for (const answer of await answers) {
      if (answer.status === 'fulfilled') stalled.push(answer.value);
      else expect(isHaloError(answer.reason, 'busy')).toBe(true);
      refused += answer.status === 'rejected' ? 1 : 0;
    }
    expect(engine.status().answerBytes).toBeLessThanOrEqual(ANSWER_BYTES);
    await server.readPath.caughtUp();
    // The log's end, for which no reader need be answered.
    const now = await ask({ offset: { kind: 'now' }, handle });
    now.body.release();
    offset = now.offset;
  }
  // Two who wait at one place have the same bytes, counted once.
  expect(stalled.length).toBe(2 * FITTING);
  expect(refused).toBe(2 * READERS - stalled.length);
  const fromTheStart = { offset: formatOffset(first.offset), handle };
  const overHttp = await requestShape(server.url, PATH, fromTheStart);
  expect([overHttp.status, overHttp.headers.get('retry-after')]).toEqual([503, '1']);

  for (const { body } of stalled) body.release();
  expect(engine.status().answerBytes).toBeLessThan(2 * NOTE_BYTES);
  expect((await requestShape(server.url, PATH, fromTheStart)).status).toBe(200);
  const last = ask({ offset, handle, live: true });
  await eventually(() => engine.status().waiting === 1);
  await database.pool.query('INSERT INTO notes VALUES ($1, $2)', [READERS, 'x'.repeat(NOTE_BYTES)]);
  (await last).body.release();
  // Kept for the next reader, and gone with its shape.
  expect(engine.status().answerBytes).toBeGreaterThan(NOTE_BYTES);
  clock.advance(600_000);
  await eventually(() => engine.status().shapes === 0);
  expect(engine.status().answerBytes).toBe(0);
});
