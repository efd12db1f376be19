import type { PGlite } from '@electric-sql/pglite';
import type { ChangeMessage } from '@halo/shapes/protocol/messages.ts';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { memoryPostgres } from '../support/prepared-replica.ts';
import type { StoredMutation } from '../../client-sdk/outbox/outbox-store.ts';
import { Committer } from '../../client-sdk/replica/committer.ts';
import { giveWay } from '../../client-sdk/replica/pending/give-way.ts';
import { PendingMutations } from '../../client-sdk/replica/pending/pending-mutations.ts';
import { ReplicaSink } from '../../client-sdk/replica/replica-sink.ts';
import { ensureSchema } from '../../client-sdk/replica/schema.ts';
import { subscriptionsOf } from '../../client-sdk/replica/subscription.ts';
import { realEnvironment } from '../../client-sdk/sync/environment.ts';
import { numberedId } from '../integration/client-samples.ts';
import {
  COLUMNS,
  SHAPES,
  changed,
  effectOf,
  mutationOf,
  noRows,
  subjectOf,
  wireRow,
} from './optimistic-model.ts';
import type { Change, Row, Shape } from './optimistic-model.ts';

const RUNS = 30;
const region = { region: '01' };
const SUBSCRIPTIONS = subscriptionsOf([
  { name: 'incidents', params: region },
  { name: 'comments', params: region },
  { name: 'my_watches' },
]);

let database: PGlite;
beforeAll(async () => {
  database = await memoryPostgres();
});
afterAll(() => database.close());

/** A transaction of the server's: changed rows, and the result of the mutation that it settled. */
interface Transaction {
  readonly changes: readonly Change[];
  readonly result?: { readonly mutation: StoredMutation; readonly status: 'applied' | 'rejected' };
}

/** The device's real replica beside a model of what it must show. */
class Beside {
  readonly #log: Transaction[] = [];
  #server = noRows();
  #sent = 0;
  #answered = 0;
  readonly #written: StoredMutation[] = [];
  readonly #rejected = new Set<string>();
  /** How far each stream has come, in transactions; those that are not in contact stay where they are. */
  readonly #at = new Map<string, number>();
  readonly #away = new Set<string>();
  /** Where the stream of results stood when it told of a mutation. */
  readonly #told = new Map<string, number>();
  #synced = noRows();
  #pending = new PendingMutations(database);
  readonly #committer: Committer;
  readonly #sinks = new Map<string, ReplicaSink>();

  constructor() {
    this.#committer = new Committer({
      database,
      sleep: realEnvironment.sleep,
      nudge: () => {},
      onCommit: () => {},
      afterRows: (tx) => giveWay(tx),
    });
  }

  async open(): Promise<void> {
    for (const subscription of SUBSCRIPTIONS) {
      const sink = new ReplicaSink(database, this.#committer, subscription);
      await sink.resume();
      this.#sinks.set(subscription.definition.name, sink);
      this.#at.set(subscription.definition.name, 0);
    }
    await Promise.all(
      [...this.#sinks.values()].map(async (sink) => {
        await sink.beginSnapshot();
        await sink.addToSnapshot([], { handle: 'h', offset: '0_0' });
        await sink.publishSnapshot({ handle: 'h', offset: '0_1' }, 0n);
      }),
    );
  }

  async write(kind: number, about: number, value: number): Promise<void> {
    const n = this.#written.length + 1;
    // About one of the first rows, which the server made, or one that this device makes.
    const mutation = mutationOf(n + 100, kind, about < 4 ? about : 100 + (about % (n + 1)), value);
    this.#written.push(mutation);
    await this.#pending.add([mutation]);
  }

  /** The server settles the oldest mutation that it has not seen, and rejects what it finds nothing for. */
  settle(rejects: boolean): void {
    const mutation = this.#written[this.#sent];
    if (mutation === undefined) return;
    this.#sent += 1;
    const { shape, id } = subjectOf(mutation);
    const before = this.#server[shape].get(id);
    const row = effectOf(mutation, before);
    const deletes = mutation.type === 'comment.delete' || mutation.type === 'watch.remove';
    if (rejects || (row === undefined && !(deletes && before !== undefined)))
      return this.#commit({ changes: [], result: { mutation, status: 'rejected' } });
    this.#commit({ changes: [{ shape, id, row }], result: { mutation, status: 'applied' } });
  }

  /** Another device changes a row, or removes it. */
  change(shape: Shape, about: number, value: number): void {
    const id = numberedId(about < 4 ? about : 100 + about);
    const there = this.#server[shape].has(id);
    if (!there && about >= 4) return;
    const rows: Record<Shape, Row> = {
      my_reports: { description: `o${value}`, severity: '2', status: 'active' },
      comments: { body: `o${value}` },
      my_watches: { name: `o${value}` },
      incidents: { status: 'open', verification: ['unverified', 'corroborated'][value % 2]! },
    };
    this.#commit({ changes: [{ shape, id, row: there && value % 3 === 0 ? undefined : rows[shape] }] });
  }

  /** The device hears what became of the oldest mutation that it has not heard of. */
  async answer(): Promise<void> {
    const results = this.#log.flatMap(({ result }) => result ?? []);
    const result = results[this.#answered];
    if (result === undefined) return;
    this.#answered += 1;
    const { id } = result.mutation;
    if (result.status === 'applied') return void (await this.#pending.settled(id));
    this.#rejected.add(id);
    await this.#pending.remove(id);
  }

  /** A stream loses contact, or finds it again and brings all that it missed. */
  async toggle(index: number): Promise<void> {
    const { id, definition } = SUBSCRIPTIONS[index % SUBSCRIPTIONS.length]!;
    const { name } = definition;
    if (this.#away.delete(name)) return this.#bring([name], this.#leaders());
    this.#away.add(name);
    this.#committer.count(id, false);
  }

  /** All streams in contact bring some of what the server has committed. */
  async stream(transactions: number): Promise<void> {
    const names = [...this.#sinks.keys()].filter((name) => !this.#away.has(name));
    await this.#bring(names, Math.min(this.#leaders() + transactions, this.#log.length));
  }

  /** The device is opened again on the same replica, with what its outbox still holds. */
  async reopen(): Promise<void> {
    const waiting = this.#written.slice(this.#answered);
    this.#pending = new PendingMutations(database);
    await this.#pending.rebuild({ pending: async () => waiting });
    // It is told anew of what is in sight.
    for (const { id } of waiting) if (this.#told.has(id)) this.#told.set(id, this.#at.get('my_mutations')!);
  }

  async check(): Promise<void> {
    for (const shape of SHAPES) {
      const columns = COLUMNS[shape].map((name) => `${name}::text`).join(', ');
      const { rows } = await database.query<Row>(
        `SELECT id::text, ${columns}, sync_state FROM ${shape} ORDER BY id`,
      );
      expect(rows).toEqual(this.#shown(shape));
    }
  }

  /** The synced rows with the pending mutations applied to them, one by one. */
  #shown(shape: Shape): Row[] {
    let rows = this.#synced;
    const queued = new Set<string>();
    for (const [index, mutation] of this.#written.entries()) {
      const subject = subjectOf(mutation);
      if (subject.shape !== shape || this.#hasGivenWay(mutation)) continue;
      rows = changed(rows, { ...subject, row: effectOf(mutation, rows[shape].get(subject.id)) });
      if (index >= this.#answered) queued.add(subject.id);
    }
    return [...rows[shape]]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, row]) => {
        const known = Object.fromEntries(COLUMNS[shape].map((name) => [name, row[name]!]));
        return { id, ...known, sync_state: queued.has(id) ? 'queued' : 'synced' };
      });
  }

  #hasGivenWay(mutation: StoredMutation): boolean {
    const { shape, id } = subjectOf(mutation);
    if (this.#rejected.has(mutation.id)) return true;
    if (id === mutation.id && this.#made.has(id)) return true;
    const told = this.#told.get(mutation.id);
    return told !== undefined && this.#at.get(shape)! >= told;
  }

  readonly #made = new Set<string>();

  #leaders(): number {
    return Math.max(...this.#at.values());
  }

  #commit(transaction: Transaction): void {
    this.#log.push(transaction);
    for (const change of transaction.changes) this.#server = changed(this.#server, change);
  }

  async #bring(names: readonly string[], to: number): Promise<void> {
    await Promise.all(
      names.map((name) => {
        const news = this.#log.slice(this.#at.get(name), to);
        const changes = news.flatMap((transaction) => messagesOf(transaction, name));
        return this.#sinks.get(name)!.apply(changes, { handle: 'h', offset: `${to}_0` }, BigInt(to));
      }),
    );
    for (const name of names) {
      for (const { changes, result } of this.#log.slice(this.#at.get(name), to)) {
        for (const change of changes.filter(({ shape }) => shape === name)) {
          this.#synced = changed(this.#synced, asTheWireHasIt(change));
          if (change.row !== undefined) this.#made.add(change.id);
        }
        if (name !== 'my_mutations' || result === undefined) continue;
        if (result.status === 'rejected') this.#rejected.add(result.mutation.id);
        else this.#told.set(result.mutation.id, to);
      }
      this.#at.set(name, to);
    }
  }
}

/** The device learns nothing of an officer's verdict but what the columns say. */
function asTheWireHasIt({ shape, id, row }: Change): Change {
  const known = row && Object.fromEntries(COLUMNS[shape].map((name) => [name, row[name]!]));
  return { shape, id, row: known };
}

function messagesOf({ changes, result }: Transaction, name: string): ChangeMessage[] {
  const message = (operation: 'insert' | 'delete', value: ChangeMessage['value']): ChangeMessage => {
    return { key: '', value, headers: { operation, relation: ['public', name] } };
  };
  if (name === 'my_mutations' && result !== undefined) {
    const { id, seq, type, args } = result.mutation;
    const row = { id, device_id: numberedId(1), seq: String(seq), type, args: JSON.stringify(args) };
    const rest = { status: result.status, code: null, message: null, field: null, txid: '1' };
    return [message('insert', { ...row, ...rest, settled_at: '2026-01-01 12:00:00+00' })];
  }
  return changes
    .filter(({ shape }) => shape === name)
    .map(({ shape, id, row }) =>
      row === undefined ? message('delete', { id }) : message('insert', wireRow(shape, id, row)),
    );
}

const number = (max: number) => fc.integer({ min: 1, max });
/** Few rows, so that several mutations are about the same one. */
const about = fc.constantFrom(1, 1, 2, 3, 4, 5);
const step = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(fc.constant('write'), number(10), about, number(30)) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('settle'), number(6)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('change'), fc.nat(SHAPES.length - 1), about, number(30)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('answer')) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('stream'), number(4)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('toggle'), number(5)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('reopen')) },
);

async function take(beside: Beside, [what, a = 0, b = 0, c = 0]: readonly [string, ...number[]]) {
  switch (what) {
    case 'write':
      return beside.write(a, b, c);
    case 'settle':
      return beside.settle(a === 1);
    case 'change':
      return beside.change(SHAPES[a]!, b, c);
    case 'answer':
      return beside.answer();
    case 'stream':
      return beside.stream(a);
    case 'toggle':
      return beside.toggle(a);
    case 'reopen':
      return beside.reopen();
    default:
      throw new Error(`there is no step ${what}`);
  }
}

it('the views show the newest synced rows with what is pending applied to them in its order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
      await database.exec('DROP SCHEMA IF EXISTS local CASCADE; DROP SCHEMA IF EXISTS synced CASCADE');
      await ensureSchema(database);
      const beside = new Beside();
      await beside.open();
      for (const shape of SHAPES) for (const n of [1, 2, 3]) beside.change(shape, n, 1);
      await beside.stream(100);
      for (const one of steps) {
        await take(beside, one);
        await beside.check();
      }
    }),
    { numRuns: RUNS },
  );
}, 240_000);
