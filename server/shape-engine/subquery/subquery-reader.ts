import type { LogOffset, Offset } from '@halo/shapes/protocol/offset.ts';
import type { ChangeLog } from '../../change-log/change-log.ts';
import type { Bodies } from '../bodies.ts';
import { parseHandle } from '../handle.ts';
import { endOf, fromReader, laterOf, toReader } from '../log-offset.ts';
import { AHEAD_WAIT_MS, LONG_POLL_MS, SNAPSHOT_ATTEMPTS } from '../read-limits.ts';
import type { ReadRequest, ShapeAnswer } from '../shape-engine.ts';
import type { LogEntry } from '../encoded-message.ts';
import { replicationBehind } from '../barrier.ts';
import { SnapshotOutdated } from '../snapshot-rows.ts';
import type { Snapshot } from '../snapshot.ts';
import type { SnapshotStore } from '../snapshot-store.ts';
import type { TableSchemas } from '../table-schemas.ts';
import { unlessAborted } from '../unless-aborted.ts';
import type { SessionWaiters } from '../waiters.ts';
import type { SubqueryShape, SubqueryShapes } from './subquery-shapes.ts';

/** How often a reader is looked after whose offset the shape has not come to, in milliseconds. */
const AHEAD_LOOK_MS = 50;

export interface SubqueryReaderParts {
  readonly changeLog: ChangeLog;
  readonly shapes: SubqueryShapes;
  readonly schemas: TableSchemas;
  readonly snapshots: SnapshotStore;
  readonly waiters: SessionWaiters;
  readonly bodies: Bodies;
}

/**
 * Answers reads of shapes with subqueries. Only the instance that follows a shape knows its positions, and only as long
 * as it does: every other handle is answered 409.
 */
export class SubqueryReader {
  readonly #parts: SubqueryReaderParts;

  constructor(parts: SubqueryReaderParts) {
    this.#parts = parts;
  }

  async read(request: ReadRequest): Promise<ShapeAnswer> {
    const answer = await this.#answer(request, fromReader(request.offset));
    return answer.kind === 'messages' ? { ...answer, offset: toReader(answer.offset) } : answer;
  }

  async #answer(request: ReadRequest, offset: Offset): Promise<ShapeAnswer> {
    if (offset.kind === 'before_all') return this.#firstChunk(request);
    const { snapshots, shapes } = this.#parts;
    if (offset.kind === 'now') return this.#fromNow(request);
    const shape = await shapes.get(request.source);
    // Before it has begun, no position in it was given to anyone.
    if (!isOf(request.handle, shape) || !shape.view.begun) return this.#mustRefetch(shape, request);
    if (offset.kind === 'log') return this.#follow(shape, request, offset);
    const snapshot = snapshots.find(shape, request.handle!);
    if (snapshot === undefined) return this.#mustRefetch(shape, request);
    if (offset.chunk === 'end' || offset.chunk + 1 >= snapshot.file.chunks) {
      return this.#follow(shape, request, snapshot.end);
    }
    const next = this.#chunk(shape, snapshot, request.handle!, offset.chunk + 1);
    return next ?? this.#mustRefetch(shape, request);
  }

  /** Makes a snapshot where there is none that is good. */
  async #snapshot(request: ReadRequest, refused: string | null) {
    const { shapes, snapshots, schemas } = this.#parts;
    for (let attempt = 1; ; attempt += 1) {
      const shape = await shapes.get(request.source);
      const slot = snapshots.slotFor(shape, request.handle, refused);
      try {
        const snapshot = await unlessAborted(slot.making, request.signal);
        if (!shape.view.continuesAt(snapshot.end)) throw new SnapshotOutdated();
        return { shape, snapshot, handle: slot.handle };
      } catch (error) {
        if (!(error instanceof SnapshotOutdated)) throw error;
        for (const { schema, table } of shape.tables) schemas.forget(schema, table);
        if (attempt === SNAPSHOT_ATTEMPTS) throw replicationBehind();
      }
    }
  }

  async #firstChunk(request: ReadRequest): Promise<ShapeAnswer> {
    const { shape, snapshot, handle } = await this.#snapshot(request, request.expiredHandle);
    const first = this.#chunk(shape, snapshot, handle, 0);
    // It had to make room for others meanwhile.
    if (first === undefined) throw replicationBehind();
    return first;
  }

  /** A shape begins with a snapshot, also for who wants none of it. */
  async #fromNow(request: ReadRequest): Promise<ShapeAnswer> {
    let shape = await this.#parts.shapes.get(request.source);
    if (!shape.view.begun) ({ shape } = await this.#snapshot(request, null));
    const isGood = isOf(request.handle, shape) && request.handle !== request.expiredHandle;
    const handle = isGood ? request.handle! : this.#parts.snapshots.mint(shape);
    const { view } = shape;
    return this.#messages(
      shape,
      handle,
      laterOf(endOf(view.position), view.tail.from),
      [],
      view.position,
      false,
    );
  }

  /** Undefined when the snapshot is not there any more. */
  #chunk(shape: SubqueryShape, snapshot: Snapshot, handle: string, chunk: number): ShapeAnswer | undefined {
    const body = this.#parts.snapshots.body(handle, chunk);
    if (body === undefined) return undefined;
    const { chunks } = snapshot.file;
    return {
      kind: 'messages',
      handle,
      offset: chunk + 1 === chunks ? snapshot.end : { kind: 'snapshot', chunk },
      schema: shape.shape.schemaHeader,
      upToDate: false,
      hasData: true,
      snapshot: { chunk, chunks, end: snapshot.end.lsn },
      hasMessages: true,
      body,
    };
  }

  async #follow(shape: SubqueryShape, request: ReadRequest, offset: LogOffset): Promise<ShapeAnswer> {
    const { changeLog, shapes, waiters } = this.#parts;
    const { view } = shape;
    const handle = request.handle!;
    const [liveEndsAt, aheadEndsAt] = [LONG_POLL_MS, AHEAD_WAIT_MS].map((ms) => performance.now() + ms) as [
      number,
      number,
    ];
    for (;;) {
      request.signal.throwIfAborted();
      const present = await shapes.get(request.source);
      if (present !== shape || !view.continuesAt(offset)) return this.#mustRefetch(present, request);
      const news = view.tail.after(offset);
      const { position } = view;
      if (news.length > 0) {
        return this.#messages(shape, handle, news.at(-1)!.offset, news, position, true);
      }
      if (position < offset.lsn) {
        // A snapshot that is newer than what was followed by now, or no position of ours at all.
        if (performance.now() >= aheadEndsAt) {
          if (offset.lsn <= changeLog.position()) throw replicationBehind();
          return { kind: 'out_of_bounds' };
        }
        const waited = await waiters.wait(view.waiting, null, AHEAD_LOOK_MS, request.signal);
        // From now on no wait lasts: to look again and again would leave nobody else his turn.
        if (waited === 'closing') throw replicationBehind();
        continue;
      }
      const end = laterOf(offset, endOf(position));
      if (!request.live) return this.#messages(shape, handle, end, [], position, true);
      const left = liveEndsAt - performance.now();
      const outcome = await waiters.wait(view.waiting, request.session, left, request.signal);
      if (outcome === 'closing') return this.#messages(shape, handle, end, [], position, false);
      if (outcome === 'news' || view.ended || view.tail.hasAfter(offset)) continue;
      const { position: reached } = view;
      return this.#messages(shape, handle, laterOf(offset, endOf(reached)), [], reached, false);
    }
  }

  #messages(
    { shape }: SubqueryShape,
    handle: string,
    offset: LogOffset,
    entries: readonly LogEntry[],
    position: bigint,
    hasData: boolean,
  ): ShapeAnswer {
    return {
      kind: 'messages',
      handle,
      offset,
      schema: shape.schemaHeader,
      upToDate: true,
      hasData,
      snapshot: null,
      hasMessages: entries.length > 0,
      body: this.#parts.bodies.of(entries, position),
    };
  }

  #mustRefetch(shape: SubqueryShape, request: ReadRequest): ShapeAnswer {
    const refused = request.handle ?? request.expiredHandle;
    return { kind: 'must_refetch', handle: this.#parts.snapshots.handleAfter(shape, refused) };
  }
}

function isOf(handle: string | null, { shape }: SubqueryShape): boolean {
  return handle !== null && parseHandle(handle)?.shape === shape.hash;
}
