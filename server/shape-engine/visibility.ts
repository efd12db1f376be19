/**
 * What a Postgres snapshot sees, as `pg_current_snapshot()` tells it: every transaction below `xmin`, none at
 * or above `xmax`, and of those between all but the ones that were still running. Ids are 64-bit.
 */
export interface Visibility {
  readonly xmin: bigint;
  readonly xmax: bigint;
  readonly running: ReadonlySet<bigint>;
}

/** Reads `xmin:xmax:xip,xip,…`. */
export function parseVisibility(text: string): Visibility {
  const [xmin = '', xmax = '', running = ''] = text.split(':');
  const ids = running === '' ? [] : running.split(',').map(BigInt);
  return { xmin: BigInt(xmin), xmax: BigInt(xmax), running: new Set(ids) };
}

/** Whether the snapshot saw the transaction with this whole id. */
export function saw(visibility: Visibility, xid: number): boolean {
  const id = BigInt(xid);
  return id < visibility.xmax && !visibility.running.has(id);
}

/** The message that ends a snapshot's rows. */
export function snapshotEndMessage({ xmin, xmax, running }: Visibility): string {
  const headers = {
    control: 'snapshot-end',
    xmin: String(xmin),
    xmax: String(xmax),
    xip_list: [...running].map(String),
  };
  return JSON.stringify({ headers });
}
