import type { ChangeMessage } from '@halo/shapes/protocol/messages.ts';
import type { StreamPosition } from '../streams/shape-request.ts';

/** A part of a log that is committed at once: its changes, and the position behind them. */
export interface LogPart {
  readonly changes: readonly ChangeMessage[];
  readonly position: StreamPosition;
}

/** Whole transactions of a shape's log, which can be committed one after another. */
export class LogBatch {
  readonly #position: StreamPosition;
  #rest: readonly ChangeMessage[];
  #cuts: readonly bigint[];

  /** @param position behind the last of the changes. */
  constructor(changes: readonly ChangeMessage[], position: StreamPosition) {
    this.#position = position;
    this.#rest = changes;
    this.#cuts = cutsOf(changes);
  }

  /** LSNs of the transactions that are left, ascending, behind each of which it can be cut. */
  get cuts(): readonly bigint[] {
    return this.#cuts;
  }

  /** What is left up to an LSN, or all that is left; nothing changes. */
  part(upTo: bigint | undefined): LogPart {
    if (upTo === undefined) return { changes: this.#rest, position: this.#position };
    const changes = this.#rest.slice(0, this.#countUpTo(upTo));
    const { lsn, op_position: op } = changes.at(-1)!.headers;
    return { changes, position: { ...this.#position, offset: `${lsn}_${op}` } };
  }

  /** What lies up to an LSN is committed. */
  drop(upTo: bigint): void {
    this.#rest = this.#rest.slice(this.#countUpTo(upTo));
    this.#cuts = this.#cuts.filter((lsn) => lsn > upTo);
  }

  #countUpTo(upTo: bigint): number {
    const beyond = this.#rest.findIndex(({ headers }) => BigInt(headers.lsn!) > upTo);
    return beyond < 0 ? this.#rest.length : beyond;
  }
}

/** None where one of them does not say where it stands, or they are not in order: it is then one whole. */
function cutsOf(changes: readonly ChangeMessage[]): readonly bigint[] {
  const cuts: bigint[] = [];
  for (const { headers } of changes) {
    if (headers.lsn === undefined || headers.op_position === undefined) return [];
    const lsn = BigInt(headers.lsn);
    const last = cuts.at(-1);
    if (last !== undefined && lsn < last) return [];
    if (lsn !== last) cuts.push(lsn);
  }
  return cuts;
}
