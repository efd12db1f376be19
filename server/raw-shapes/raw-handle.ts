import type { LogOffset, Offset } from '@halo/shapes/protocol/offset.ts';

/**
 * A handle of the raw endpoint: the engine's, and what Electric's offsets within a snapshot need to mean something
 * after a restart, when the snapshot itself is gone.
 */
export interface RawHandle {
  /** The engine's handle. */
  readonly engine: string;
  /** LSN that the snapshot is complete up to; `0_inf` stands for it. */
  readonly end: bigint;
  /** Parts of the snapshot; 0 where there was none (`now`). */
  readonly chunks: number;
}

const HANDLE = /^([0-9a-z-]{1,100})-(\d{1,20})-(\d{1,6})$/;

export function formatRawHandle({ engine, end, chunks }: RawHandle): string {
  return `${engine}-${end}-${chunks}`;
}

/** Reads a handle; undefined when it is none that names a snapshot. */
export function parseRawHandle(text: string): RawHandle | undefined {
  const match = HANDLE.exec(text);
  if (match === null) return undefined;
  return { engine: match[1]!, end: BigInt(match[2]!), chunks: Number(match[3]!) };
}

/**
 * The engine's offset for one of Electric's: `0_inf`, and the last part `0_n`, are the end of the handle's snapshot,
 * which is a position in the log and good on every instance.
 */
export function toEngineOffset(offset: Offset, handle: RawHandle | undefined): Offset {
  if (offset.kind !== 'snapshot' || handle === undefined) return offset;
  const isEnd = offset.chunk === 'end' || offset.chunk + 1 >= handle.chunks;
  return isEnd ? endOfSnapshot(handle) : offset;
}

export function endOfSnapshot({ end }: RawHandle): LogOffset {
  return { kind: 'log', lsn: end, op: 'end' };
}
