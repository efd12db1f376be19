import { formatOffset } from '@halo/shapes/protocol/offset.ts';
import type { LogOffset, Offset } from '@halo/shapes/protocol/offset.ts';
import type { ChangeLog } from '../change-log/change-log.ts';
import type { Pool } from '../db/pool.ts';
import { isHaloError } from '../platform/errors.ts';
import type { ActiveShape } from './active-shape.ts';
import type { Bodies } from './bodies.ts';
import { catchUp } from './catch-up.ts';
import type { CatchUp } from './catch-up.ts';
import type { Dispatcher } from './dispatcher.ts';
import { Gate } from '../platform/gate.ts';
import { parseHandle } from './handle.ts';
import { endOf, fromReader, laterOf, toReader } from './log-offset.ts';
import { AHEAD_WAIT_MS, LONG_POLL_MS, SNAPSHOT_ATTEMPTS } from './read-limits.ts';
import type { ReadRequest, ShapeAnswer } from './shape-engine.ts';
import type { ShapeRegistry } from './shape-registry.ts';
import { replicationBehind } from './barrier.ts';
import { SnapshotOutdated } from './snapshot-rows.ts';
import type { Snapshot } from './snapshot.ts';
import type { SnapshotSlot } from './snapshot-slot.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import type { TableSchemas } from './table-schemas.ts';
import { unlessAborted } from './unless-aborted.ts';
import type { SessionWaiters } from './waiters.ts';

/** A part of the log given in one answer, in bytes. */
const CATCH_UP_BYTES = 10 * 1024 * 1024;
const MAX_CATCHING_UP = 4;
const MAX_CATCH_UP_QUEUE = 20_000;

export interface ReaderParts {
  readonly pool: Pool;
  readonly changeLog: ChangeLog;
  readonly dispatcher: Dispatcher;
  readonly registry: ShapeRegistry;
  readonly schemas: TableSchemas;
  readonly snapshots: SnapshotStore;
  readonly waiters: SessionWaiters;
  readonly bodies: Bodies;
}

/**
 * Answers reads. A position in the log is honoured for whoever brings a handle with the hash that this
 * instance computes itself; what lies after it comes from the shape's tail where that reaches back far enough,
 * and from the log otherwise. Both give the same messages, so it never matters which.
 */
export class ShapeReader {
  readonly #parts: ReaderParts;
  readonly #gate = new Gate('readers catching up', MAX_CATCHING_UP, MAX_CATCH_UP_QUEUE);

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  /** Readings of the log that wait for their turn. */
  get queued(): number {
    return this.#gate.queued;
  }

  async read(request: ReadRequest): Promise<ShapeAnswer> {
    const answer = await this.#answer(request, fromReader(request.offset));
    return answer.kind === 'messages' ? { ...answer, offset: toReader(answer.offset) } : answer;
  }

  async #answer(request: ReadRequest, offset: Offset): Promise<ShapeAnswer> {
    if (offset.kind === 'before_all') return this.#snapshot(request);
    const active = await this.#parts.registry.get(request.source);
    if (offset.kind === 'now') return this.#fromNow(active, request);
    if (!isOf(request.handle, active)) return this.#mustRefetch(active, request);
    if (offset.kind === 'log') return this.#follow(active, request, offset);
    const snapshot = this.#parts.snapshots.find(active, request.handle!);
    if (snapshot === undefined) return this.#mustRefetch(active, request);
    if (offset.chunk === 'end') return this.#follow(active, request, snapshot.end);
    if (offset.chunk + 1 >= snapshot.file.chunks) return this.#follow(active, request, snapshot.end);
    const next = this.#chunk(active, snapshot, request.handle!, offset.chunk + 1);
    return next ?? this.#mustRefetch(active, request);
  }

  async #snapshot(request: ReadRequest): Promise<ShapeAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const active = await this.#parts.registry.get(request.source);
      const slot = this.#parts.snapshots.slotFor(active, request.handle, request.expiredHandle);
      try {
        return await this.#firstChunk(active, slot, request.signal);
      } catch (error) {
        if (!(error instanceof SnapshotOutdated)) throw error;
        this.#parts.schemas.forget(request.source.schema, request.source.table);
        if (attempt === SNAPSHOT_ATTEMPTS) throw replicationBehind();
      }
    }
  }

  async #firstChunk(active: ActiveShape, slot: SnapshotSlot, signal: AbortSignal): Promise<ShapeAnswer> {
    const snapshot = await unlessAborted(slot.making, signal);
    if (active.gone || !active.view.continuesAt(snapshot.end)) throw new SnapshotOutdated();
    const first = this.#chunk(active, snapshot, slot.handle, 0);
    if (first === undefined) throw new SnapshotOutdated();
    return first;
  }

  /** Undefined when the snapshot is not there any more. */
  #chunk(active: ActiveShape, snapshot: Snapshot, handle: string, chunk: number): ShapeAnswer | undefined {
    const body = this.#parts.snapshots.body(handle, chunk);
    if (body === undefined) return undefined;
    const isLast = chunk + 1 === snapshot.file.chunks;
    return {
      kind: 'messages',
      handle,
      offset: isLast ? snapshot.end : { kind: 'snapshot', chunk },
      schema: active.shape.schemaHeader,
      upToDate: false,
      hasData: true,
      snapshot: { chunk, chunks: snapshot.file.chunks, end: snapshot.end.lsn },
      hasMessages: true,
      body,
    };
  }

  #fromNow(active: ActiveShape, request: ReadRequest): ShapeAnswer {
    const usable = isOf(request.handle, active) && request.handle !== request.expiredHandle;
    const handle = usable ? request.handle! : this.#parts.snapshots.mint(active);
    return this.#upToDate(active, handle, endOf(this.#parts.changeLog.position()), false);
  }

  async #follow(first: ActiveShape, request: ReadRequest, start: LogOffset): Promise<ShapeAnswer> {
    const { changeLog, dispatcher, registry, waiters } = this.#parts;
    const endsAt = performance.now() + LONG_POLL_MS;
    const handle = request.handle!;
    let active = first;
    let offset = start;
    let hasWaited = false;
    for (;;) {
      request.signal.throwIfAborted();
      // The shape may be another by now, or the log may have begun anew while this read waited.
      const outdated = active.gone || active.epoch !== changeLog.epoch;
      if (outdated) active = await registry.get(request.source);
      if (!isOf(handle, active) || !active.view.continuesAt(offset))
        return this.#mustRefetch(active, request);
      if (offset.lsn > changeLog.position()) {
        if (!(await this.#reach(offset.lsn, request.signal))) return { kind: 'out_of_bounds' };
        continue;
      }
      if (!changeLog.covers(offset)) return this.#mustRefetch(active, request);
      const { tail, waiting } = active.view;
      if (!active.view.tailFollows(offset, dispatcher.position)) {
        const part = await this.#catchUp(active, offset);
        if (part === 'ended') return this.#mustRefetch(active, request);
        if (part.entries.length > 0) return this.#part(active, handle, part);
        if (!request.live) return this.#upToDate(active, handle, part.end, true);
        offset = part.end;
        continue;
      }
      const news = tail.after(offset);
      if (news.length > 0) {
        const answer = this.#news(active, handle, offset);
        return hasWaited ? { ...answer, newsSince: dispatcher.newsSince } : answer;
      }
      const end = laterOf(offset, endOf(dispatcher.position));
      if (!request.live) return this.#upToDate(active, handle, end, true);
      const outcome = await waiters.wait(
        waiting,
        request.session,
        endsAt - performance.now(),
        request.signal,
      );
      hasWaited = true;
      // What came since this read began to wait may be in the tail though nobody was told of it yet.
      if (outcome === 'closing') return this.#upToDate(active, handle, end, false);
      if (outcome === 'news' || active.gone || tail.hasAfter(offset)) continue;
      // A sibling's news is at the dispatcher's position now, and this shape has nothing up to there.
      return this.#upToDate(active, handle, laterOf(offset, endOf(dispatcher.position)), false);
    }
  }

  /** Several readers at one place, after a restart for example, share one reading of the log. */
  #catchUp(active: ActiveShape, offset: LogOffset): Promise<CatchUp | 'ended'> {
    const place = formatOffset(offset);
    const running = active.catchingUp.get(place);
    if (running !== undefined) return running;
    const { changeLog } = this.#parts;
    const reading = this.#gate
      .run(() => catchUp(changeLog, active.view.translator, offset, CATCH_UP_BYTES))
      .catch((error: unknown): 'ended' => {
        // Trimmed away under the reader, who is told to fetch again.
        if (isHaloError(error, 'offset_trimmed')) return 'ended';
        throw error;
      })
      .finally(() => active.catchingUp.delete(place));
    active.catchingUp.set(place, reading);
    return reading;
  }

  #part(active: ActiveShape, handle: string, part: CatchUp): ShapeAnswer {
    const lsn = part.upToDate ? part.end.lsn : null;
    return {
      kind: 'messages',
      handle,
      offset: part.end,
      schema: active.shape.schemaHeader,
      upToDate: part.upToDate,
      hasData: true,
      snapshot: null,
      hasMessages: true,
      body: this.#parts.bodies.of(part.entries, lsn),
    };
  }

  #news(active: ActiveShape, handle: string, offset: LogOffset): Extract<ShapeAnswer, { kind: 'messages' }> {
    const { bodies, dispatcher } = this.#parts;
    const { end, body } = bodies.after(active.view, offset, dispatcher.position);
    return {
      kind: 'messages',
      handle,
      offset: end,
      schema: active.shape.schemaHeader,
      upToDate: true,
      hasData: true,
      snapshot: null,
      hasMessages: true,
      body,
    };
  }

  #upToDate(active: ActiveShape, handle: string, end: LogOffset, hasData: boolean): ShapeAnswer {
    return {
      kind: 'messages',
      handle,
      offset: end,
      schema: active.shape.schemaHeader,
      upToDate: true,
      hasData,
      snapshot: null,
      hasMessages: false,
      body: this.#parts.bodies.of([], end.lsn),
    };
  }

  #mustRefetch(active: ActiveShape, request: ReadRequest): ShapeAnswer {
    const refused = request.handle ?? request.expiredHandle;
    return { kind: 'must_refetch', handle: this.#parts.snapshots.handleAfter(active, refused) };
  }

  /**
   * Waits for an offset that another instance has given and this one has not read yet. False when the database
   * itself has not come that far.
   */
  async #reach(lsn: bigint, signal: AbortSignal): Promise<boolean> {
    const timeout = AbortSignal.timeout(AHEAD_WAIT_MS);
    try {
      await this.#parts.changeLog.whenReached(lsn, AbortSignal.any([signal, timeout]));
      return true;
    } catch (error) {
      if (signal.aborted || !timeout.aborted) throw error;
    }
    const { rows } = await this.#parts.pool.query<{ lsn: string }>(
      `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text AS lsn`,
    );
    if (BigInt(rows[0]!.lsn) >= lsn) throw replicationBehind();
    return false;
  }
}

function isOf(handle: string | null, active: ActiveShape): boolean {
  return handle !== null && parseHandle(handle)?.shape === active.shape.hash;
}
