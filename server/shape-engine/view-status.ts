import type { ActiveShape } from './active-shape.ts';
import type { ShapeViewStatus } from './shape-engine.ts';

/** What is held of a shape, for operators. */
export function viewStatus({ shape, view, slot, made, lastUsedMs }: ActiveShape): ShapeViewStatus {
  const snapshot = slot?.snapshot ?? null;
  return {
    source: shape.source,
    hash: shape.hash,
    waiting: view.waiting.size,
    snapshot:
      snapshot === null
        ? null
        : { messages: snapshot.file.messages, bytes: snapshot.file.bytes, madeAtMs: slot!.madeAtMs },
    snapshotsMade: made.count,
    snapshotMs: made.ms,
    messages: view.told.messages,
    messageBytes: view.told.bytes,
    tailBytes: view.tail.bytes,
    changedAt: view.told.lsn,
    lastUsedMs,
  };
}
