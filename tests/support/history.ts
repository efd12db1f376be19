/** A device has said that it keeps a mutation. */
export interface Kept {
  readonly kind: 'kept';
  readonly device: string;
  readonly id: string;
  readonly at: number;
}

/** What one statement has read of a device's replica. The reads of a device do not overlap. */
export interface Read {
  readonly kind: 'read';
  readonly device: string;
  readonly began: number;
  readonly ended: number;
  /** Own mutations in sight, be they the server's rows or optimistic ones. */
  readonly own: readonly string[];
  /** Versions of the server's rows in sight, by row. */
  readonly versions: Readonly<Record<string, number>>;
  /** Parts in sight, by the transaction that brought them. */
  readonly parts: Readonly<Record<string, readonly string[]>>;
}

export type HistoryEvent = Kept | Read;

/**
 * What in a history breaks a promise of the replica, in words; empty where it keeps them all:
 *
 * - read your writes: what a device has kept before a read began is in it;
 * - monotonic reads: no row of the server's goes, or goes back to an older version, from one read to the next;
 * - no half transaction: of the `whole` parts of a transaction, a read has all or none.
 *
 * Rows that are deleted have no place in such a history.
 */
export function violations(history: readonly HistoryEvent[], whole: readonly string[]): string[] {
  const devices = new Set(history.map(({ device }) => device));
  return [...devices].flatMap((device) => {
    const kept = history.filter((event): event is Kept => event.kind === 'kept' && event.device === device);
    const reads = history
      .filter((event): event is Read => event.kind === 'read' && event.device === device)
      .toSorted((a, b) => a.began - b.began);
    return [
      ...reads.flatMap((read) => ownMissing(read, kept)),
      ...reads.flatMap((read, index) => wentBack(read, reads[index - 1])),
      ...reads.flatMap((read) => halves(read, whole)),
    ];
  });
}

function ownMissing(read: Read, kept: readonly Kept[]): string[] {
  const seen = new Set(read.own);
  return kept
    .filter(({ id, at }) => at < read.began && !seen.has(id))
    .map(({ id, at }) => `${nameOf(read)} misses ${id}, kept at ${at}`);
}

function wentBack(read: Read, before: Read | undefined): string[] {
  if (before === undefined) return [];
  if (before.ended > read.began) return [`${nameOf(read)} overlaps the one before`];
  return Object.entries(before.versions)
    .filter(([row, version]) => (read.versions[row] ?? -Infinity) < version)
    .map(([row, version]) => `${nameOf(read)} has ${row} at ${read.versions[row]}, after ${version}`);
}

function halves(read: Read, whole: readonly string[]): string[] {
  return Object.entries(read.parts)
    .filter(([, parts]) => !whole.every((part) => parts.includes(part)))
    .map(([transaction, parts]) => `${nameOf(read)} has only ${parts.join(', ')} of ${transaction}`);
}

const nameOf = ({ device, began }: Read) => `the read of ${device} at ${began}`;
