import type { ChangeMessage } from '@halo/shapes/protocol/messages.ts';
import { BEGINNING } from '../streams/shape-request.ts';
import type { StreamPosition } from '../streams/shape-request.ts';
import type { Contact, ResumePoint, ShapeSink } from '../streams/shape-sink.ts';
import { addRows } from './add-rows.ts';
import { applyChanges } from './apply-changes.ts';
import type { Committer } from './committer.ts';
import { LogBatch } from './log-batch.ts';
import { advanceBuilding, advanceCursor, beginBuilding, loadCursor, publishBuilding } from './cursors.ts';
import type { ReplicaDatabase } from './replica-database.ts';
import type { Subscription } from './subscription.ts';

/** So often a snapshot that is whole is brought up to its siblings; then it comes into sight where it stands. */
const MAX_ROUNDS = 20;

/** Stores one subscription's stream in the replica: rows and position in one transaction (invariant 7). */
export class ReplicaSink implements ShapeSink {
  readonly #database: ReplicaDatabase;
  readonly #committer: Committer;
  readonly #subscription: Subscription;
  #snapshot: number | undefined;
  #building: number | undefined;
  #rounds = 0;
  #stored: StreamPosition = BEGINNING;

  constructor(database: ReplicaDatabase, committer: Committer, subscription: Subscription) {
    this.#database = database;
    this.#committer = committer;
    this.#subscription = subscription;
  }

  async resume(): Promise<ResumePoint> {
    const { current, building, lsn } = await loadCursor(this.#database, this.#subscription);
    this.#snapshot = current?.snapshot;
    this.#building = building?.snapshot;
    // Siblings wait from the start for one that has rows in sight: it may hold half of what they bring.
    this.#committer.join(this.#subscription.id, current !== undefined, lsn);
    if (building !== undefined) this.#committer.away(this.#subscription.id);
    this.#stored = current?.position ?? BEGINNING;
    if (building !== undefined) return { phase: 'snapshot', position: building.position };
    if (current === undefined) return { phase: 'snapshot', position: BEGINNING };
    return { phase: 'catch_up', position: current.position };
  }

  async beginSnapshot(): Promise<void> {
    this.#rounds = 0;
    // Its siblings wait, so that its new rows come into sight at a point that they stand at, too.
    this.#committer.away(this.#subscription.id);
    this.#building = await this.#committer.alone((tx) => beginBuilding(tx, this.#subscription));
  }

  async addToSnapshot(changes: readonly ChangeMessage[], position: StreamPosition): Promise<void> {
    const building = this.#buildingNumber();
    await this.#committer.alone(async (tx) => {
      await addRows(tx, this.#subscription.definition, building, changes);
      await advanceBuilding(tx, this.#subscription, position);
    });
  }

  async publishSnapshot(position: StreamPosition, lsn: bigint | undefined): Promise<boolean> {
    const { id, definition } = this.#subscription;
    const building = this.#buildingNumber();
    if (lsn !== undefined && this.#rounds < MAX_ROUNDS && this.#committer.isBehind(id, lsn)) {
      this.#rounds += 1;
      this.#committer.hold(id, this.#snapshot === undefined ? lsn : undefined);
      return false;
    }
    await this.#committer.submit(id, {
      lsn,
      table: definition.name,
      cuts: () => [],
      work: (tx) => publishBuilding(tx, this.#subscription, building, position, lsn),
      cut: () => {},
    });
    this.#snapshot = building;
    this.#building = undefined;
    this.#stored = position;
    return true;
  }

  async apply(
    changes: readonly ChangeMessage[],
    position: StreamPosition,
    lsn: bigint | undefined,
  ): Promise<void> {
    const snapshot = this.#snapshot;
    if (snapshot === undefined) throw new Error('a log cannot be applied before its snapshot');
    const { id, definition } = this.#subscription;
    const batch = new LogBatch(changes, position);
    await this.#committer.submit(id, {
      lsn,
      table: changes.length === 0 ? undefined : definition.name,
      cuts: () => batch.cuts,
      work: async (tx, upTo) => {
        const part = batch.part(upTo);
        await applyChanges(tx, definition, snapshot, part.changes);
        const { handle, offset } = part.position;
        const moved = handle !== this.#stored.handle || offset !== this.#stored.offset;
        if (moved) await advanceCursor(tx, this.#subscription, part.position, upTo ?? lsn);
      },
      cut: (upTo) => batch.drop(upTo),
    });
    this.#stored = position;
  }

  contact(contact: Contact): void {
    const { id } = this.#subscription;
    if (contact === 'refused') this.#committer.count(id, false);
    else if (contact === 'lost') this.#committer.away(id);
    else if (this.#building === undefined) this.#committer.count(id, this.#snapshot !== undefined);
  }

  #buildingNumber(): number {
    if (this.#building === undefined) throw new Error('no snapshot has been begun');
    return this.#building;
  }
}
