import type { PGlite } from '@electric-sql/pglite';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryPostgres } from '../support/prepared-replica.ts';
import { copying } from '../../client-sdk/platform/node/copying-replica.ts';
import { dropSchema, ensureSchema } from '../../client-sdk/replica/schema.ts';
import { subscriptionsOf } from '../../client-sdk/replica/subscription.ts';
import { incidentRow, numberedId, reportRow } from '../integration/client-samples.ts';
import { ModelDevice } from './replica-device.ts';
import { ModelServer } from './replica-server.ts';
import type { ModelChange } from './replica-server.ts';
import found from './regressions/replica.json' with { type: 'json' };

/** Two regions of one table, and a table of its own. */
const ALL = subscriptionsOf([
  { name: 'incidents', params: { region: '01' } },
  { name: 'incidents', params: { region: '12' } },
]);
const SUBSCRIPTIONS = ALL.filter(({ definition }) => definition.name !== 'my_mutations');

type Step =
  | { readonly do: 'commit'; readonly changes: readonly ModelChange[] }
  /** One of the requests that wait is answered. */
  | { readonly do: 'answer'; readonly pick: number }
  /** One of them gets no answer. */
  | { readonly do: 'lose'; readonly pick: number }
  | { readonly do: 'wake' }
  | { readonly do: 'refuse'; readonly shape: number }
  /** The process dies after so many statements, and another goes on at the next `start`. */
  | { readonly do: 'die'; readonly after: number }
  | { readonly do: 'start' };

const shape = fc.nat(SUBSCRIPTIONS.length - 1);
const change: fc.Arbitrary<ModelChange> = fc.record({
  shape,
  id: fc.integer({ min: 1, max: 4 }),
  severity: fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 5 }) },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
});
const pick = fc.nat(5);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      changes: fc.array(change, { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('answer' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), pick }) },
  { weight: 4, arbitrary: fc.constant({ do: 'wake' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('refuse' as const), shape }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('die' as const), after: fc.nat(25) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'start' as const }) },
);

/** Shrunk counterexamples; all are replayed. */
const REGRESSIONS = found as unknown as [Step[], number, boolean][];

let database: PGlite;
beforeAll(async () => {
  database = copying(await memoryPostgres());
});
afterAll(() => database.close());

interface Seen {
  /** LSN that each shape's position says, undefined before its first snapshot. */
  readonly lsn: number | undefined;
  readonly building: boolean;
  readonly rows: Map<number, number>;
}

/** A device and its server, and what must hold between any two steps. */
class Run {
  readonly server: ModelServer;
  #device: ModelDevice;
  /** Shapes that were fetched anew and have not yet come as far as the others. */
  readonly #apart = new Set<number>(SUBSCRIPTIONS.keys());
  /** Shapes without contact: the others do not wait for them. */
  readonly #lost = new Set<number>();
  /** Shapes that were refused and are not yet read anew: the others wait for these until the next `wake`, which ends their minute. */
  readonly #refused = new Set<number>();

  constructor(perAnswer: number) {
    this.server = new ModelServer(SUBSCRIPTIONS.length, perAnswer, (index, id, severity) => {
      const { params } = SUBSCRIPTIONS[index]!;
      const region = params['region'];
      // Ids are not shared: a row that moves between regions is two rows of the model.
      const key = numberedId(index * 100 + id);
      if (region === undefined) return { ...reportRow(key, 'x'), severity: String(severity) };
      return incidentRow(key, region, String(severity));
    });
    this.#device = this.#open();
  }

  async take(next: Step): Promise<void> {
    const device = this.#device;
    switch (next.do) {
      case 'commit':
        this.server.commit(next.changes);
        break;
      case 'answer':
      case 'lose': {
        const waiting = device.pending.filter(({ shape: index, query }) => {
          return next.do === 'lose' || this.server.hasNews(index, query);
        });
        const request = waiting[next.pick % Math.max(1, waiting.length)];
        if (request === undefined) break;
        if (next.do === 'lose') {
          this.#lost.add(request.shape);
          request.answer({ kind: 'unreachable', message: 'lost', stalled: false });
        } else {
          this.#lost.delete(request.shape);
          const answer = this.server.answer(request.shape, request.query);
          if (answer.kind === 'answered' && answer.status === 409) this.#refused.add(request.shape);
          else this.#refused.delete(request.shape);
          request.answer(answer);
        }
        break;
      }
      case 'wake':
        for (const refused of this.#refused) this.#lost.add(refused);
        device.wake();
        break;
      case 'refuse':
        this.server.refuse(next.shape);
        break;
      case 'die':
        device.dieAfter(next.after);
        break;
      case 'start':
        await this.restart();
        break;
    }
    await this.#device.quiet();
    await this.check();
  }

  async restart(): Promise<void> {
    await this.#device.end();
    await this.check();
    this.#lost.clear();
    this.#refused.clear();
    this.#device = this.#open();
    await this.#device.quiet();
  }

  /** Answers and wakes until nothing is missing; fails when that does not come about. */
  async settle(): Promise<void> {
    await this.restart();
    for (let turn = 0; turn < 400; turn += 1) {
      const news = this.#device.pending.filter(({ shape: index, query }) =>
        this.server.hasNews(index, query),
      );
      if (news.length === 0 && (await this.#isEqual())) return;
      if (news.length === 0) await this.take({ do: 'wake' });
      else await this.take({ do: 'answer', pick: turn });
    }
    expect.fail('it does not settle');
  }

  end(): Promise<void> {
    return this.#device.end();
  }

  /** What must hold at every moment (invariant 7). */
  async check(): Promise<void> {
    const seen = await look();
    for (const [index, { lsn, rows }] of seen.entries()) {
      // Rows are exactly those of the position: none is missing, also while others are fetched.
      if (lsn !== undefined)
        expect({ index, lsn, rows }).toEqual({ index, lsn, rows: this.server.rowsAt(index, lsn) });
      else expect(rows.size).toBe(0);
    }
    // What is seen of the shapes that go together is one moment of the database.
    for (const [index, { building, lsn }] of seen.entries()) {
      if (building || lsn === undefined || this.#lost.has(index)) this.#apart.add(index);
    }
    const together = [...seen.entries()].filter(([index]) => !this.#apart.has(index));
    const furthest = Math.max(0, ...together.map(([, { lsn }]) => lsn!));
    for (const [index, { rows }] of together) {
      expect({ index, furthest, rows }).toEqual({
        index,
        furthest,
        rows: this.server.rowsAt(index, furthest),
      });
    }
    for (const [index, { building, lsn }] of seen.entries()) {
      const hasContact = !building && !this.#lost.has(index);
      if (hasContact && lsn !== undefined && lsn >= furthest) this.#apart.delete(index);
    }
  }

  async #isEqual(): Promise<boolean> {
    const seen = await look();
    return seen.every(({ lsn, rows }, index) => {
      const wanted = this.server.rowsAt(index, Infinity);
      const equal =
        [...wanted].every(([id, severity]) => rows.get(id) === severity) && rows.size === wanted.size;
      return lsn !== undefined && equal;
    });
  }

  #open(): ModelDevice {
    return new ModelDevice(database, SUBSCRIPTIONS, () => 0.5);
  }
}

/** What a query sees, and what the positions say. */
async function look(): Promise<Seen[]> {
  const { rows } = await database.query<{ id: string; region: string; severity: number }>(
    `SELECT id::text, region, severity FROM incidents UNION ALL SELECT id::text, '', severity FROM my_reports`,
  );
  const cursors = await database.query<{
    subscription: string;
    lsn: string | null;
    new_snapshot: number | null;
  }>(
    'SELECT subscription, CASE WHEN snapshot IS NOT NULL THEN lsn END AS lsn, new_snapshot FROM local.cursors',
  );
  return SUBSCRIPTIONS.map(({ id, params }, index) => {
    const cursor = cursors.rows.find(({ subscription }) => subscription === id);
    const own = rows.filter(({ region }) => region === (params['region'] ?? ''));
    const numbered = own.map(({ id: key, severity }): [number, number] => {
      return [Number.parseInt(key.slice(-12), 16) - index * 100, severity];
    });
    const lsn = cursor?.lsn ?? null;
    return {
      lsn: lsn === null ? undefined : Number(lsn),
      building: cursor !== undefined && cursor.new_snapshot !== null,
      rows: new Map(numbered.toSorted(([a], [b]) => a - b)),
    };
  });
}

/** `isLive`: the steps begin with a replica that has come to the end of every shape. */
async function replay(steps: readonly Step[], perAnswer: number, isLive: boolean): Promise<void> {
  await dropSchema(database);
  await ensureSchema(database);
  const run = new Run(perAnswer);
  try {
    if (isLive) await run.settle();
    for (const each of steps) await run.take(each);
    await run.settle();
  } finally {
    await run.end();
  }
}

describe('the replica', () => {
  it('invariant 7: has exactly the rows of its positions, all of one moment, whatever is answered when and whenever it dies', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.constantFrom(1, 2, 100),
        fc.constantFrom(true, true, false),
        (steps, perAnswer, isLive) => replay(steps, perAnswer, isLive),
      ),
      {
        numRuns: Number(process.env.HALO_MODEL_RUNS ?? 25),
        endOnFailure: true,
        examples: REGRESSIONS,
      },
    );
  }, 240_000);

  const both = (first: number, second: number): ModelChange[] => [
    { shape: first, id: 1, severity: 2 },
    { shape: second, id: 1, severity: 2 },
    { shape: first, id: 2, severity: 2 },
    { shape: second, id: 2, severity: 2 },
    { shape: first, id: 3, severity: 2 },
  ];
  it('invariant 7 (O1): killed at 20 points of a transaction over two shapes, swapped, and split over answers', async () => {
    const orders = [
      { first: 0, second: 2, perAnswer: 100 },
      { first: 2, second: 0, perAnswer: 100 },
      { first: 0, second: 2, perAnswer: 2 },
      { first: 1, second: 0, perAnswer: 1 },
    ];
    for (let point = 0; point < 20; point += 1) {
      const { first, second, perAnswer } = orders[point % orders.length]!;
      await dropSchema(database);
      await ensureSchema(database);
      const run = new Run(perAnswer);
      try {
        await run.settle();
        run.server.commit(both(first, second));
        await run.take({ do: 'die', after: point });
        for (let turn = 0; turn < 8; turn += 1) {
          await run.take({ do: 'answer', pick: turn % 2 === 0 ? first : second });
          await run.take({ do: 'wake' });
        }
        await run.settle();
      } finally {
        await run.end();
      }
    }
  }, 240_000);
});
