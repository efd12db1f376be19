import type { ChangeMessage } from '@halo/shapes/protocol/messages.ts';
import { BEGINNING } from '../streams/shape-request.ts';
import type { StreamPosition } from '../streams/shape-request.ts';
import type { ResumePoint, ShapeSink } from '../streams/shape-sink.ts';
import { applyChanges } from './apply-changes.ts';
import type { Committer } from './committer.ts';
import { advanceBuilding, advanceCursor, beginBuilding, loadCursor, publishBuilding } from './cursors.ts';
import type { ReplicaDatabase } from './replica-database.ts';
import type { Subscription } from './subscription.ts';

/** Stores one subscription's stream in the replica: rows and position in one transaction (invariant 7). */
export class ReplicaSink implements ShapeSink {
  readonly #database: ReplicaDatabase;
  readonly #committer: Committer;
  readonly #subscription: Subscription;
  #snapshot: number | undefined;
  #building: number | undefined;
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
    this.#committer.join(this.#subscription.id, current !== undefined && building === undefined, lsn);
    this.#stored = current?.position ?? BEGINNING;
    if (building !== undefined) return { phase: 'snapshot', position: building.position };
    if (current === undefined) return { phase: 'snapshot', position: BEGINNING };
    return { phase: 'catch_up', position: current.position };
  }

  async beginSnapshot(): Promise<void> {
    this.#committer.count(this.#subscription.id, false);
    this.#building = await this.#committer.alone((tx) => beginBuilding(tx, this.#subscription));
  }

  async addToSnapshot(changes: readonly ChangeMessage[], position: StreamPosition): Promise<void> {
    const building = this.#buildingNumber();
    await this.#committer.alone(async (tx) => {
      await applyChanges(tx, this.#subscription.definition, building, changes);
      await advanceBuilding(tx, this.#subscription, position);
    });
  }

  async publishSnapshot(position: StreamPosition, lsn: bigint | undefined): Promise<void> {
    const building = this.#buildingNumber();
    await this.#committer.submit(this.#subscription.id, {
      lsn,
      table: this.#subscription.definition.name,
      work: (tx) => publishBuilding(tx, this.#subscription, building, position, lsn),
    });
    this.#snapshot = building;
    this.#building = undefined;
    this.#stored = position;
  }

  async apply(
    changes: readonly ChangeMessage[],
    position: StreamPosition,
    lsn: bigint | undefined,
  ): Promise<void> {
    const snapshot = this.#snapshot;
    if (snapshot === undefined) throw new Error('a log cannot be applied before its snapshot');
    const moved = position.handle !== this.#stored.handle || position.offset !== this.#stored.offset;
    await this.#committer.submit(this.#subscription.id, {
      lsn,
      table: changes.length === 0 ? undefined : this.#subscription.definition.name,
      work: async (tx) => {
        await applyChanges(tx, this.#subscription.definition, snapshot, changes);
        if (moved) await advanceCursor(tx, this.#subscription, position, lsn);
      },
    });
    this.#stored = position;
  }

  count(counted: boolean): void {
    this.#committer.count(
      this.#subscription.id,
      counted && this.#snapshot !== undefined && this.#building === undefined,
    );
  }

  #buildingNumber(): number {
    if (this.#building === undefined) throw new Error('no snapshot has been begun');
    return this.#building;
  }
}
