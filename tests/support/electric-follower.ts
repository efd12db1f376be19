import { ShapeStream, isChangeMessage } from '@electric-sql/client';
import type { ChangeMessage, Message } from '@electric-sql/client';
import { onTestFinished } from 'vitest';

/** What Electric's own client, unchanged, has received of a shape; fails on a doubled or a lost row. */
export interface ElectricFollower {
  /** The column's values in the rows that the client has been told of, sorted. */
  values(column: string): unknown[];
  /** What it must never see: a doubled insert, a change of a row it was never sent, a refetch, an error. */
  readonly faults: readonly string[];
  readonly handles: ReadonlySet<string>;
}

/** Follows a shape (`incidents?region=01`) with `ShapeStream` until the test ends. */
export function followWithElectric(url: string, shape: string, token: string): ElectricFollower {
  const rows = new Map<string, Record<string, unknown>>();
  const faults: string[] = [];
  const handles = new Set<string>();
  const stopping = new AbortController();
  onTestFinished(() => stopping.abort());
  const stream = new ShapeStream({
    url: `${url}/v1/shapes/${shape}`,
    headers: { authorization: `Bearer ${token}` },
    signal: stopping.signal,
    backoffOptions: { initialDelay: 20, maxDelay: 200, multiplier: 1.5, maxRetries: Infinity },
    onError: (error) => void faults.push(String(error)),
  });
  const take = (message: Message) => {
    if (isChangeMessage(message)) takeChange(rows, faults, message);
    else if (message.headers.control === 'must-refetch') faults.push('must-refetch');
  };
  stream.subscribe(
    (messages) => {
      if (stream.shapeHandle !== undefined) handles.add(stream.shapeHandle);
      for (const message of messages) take(message);
    },
    (error) => void faults.push(String(error)),
  );
  return { values: (column) => [...rows.values()].map((row) => row[column]).toSorted(), faults, handles };
}

function takeChange(
  rows: Map<string, Record<string, unknown>>,
  faults: string[],
  { key, value, headers: { operation } }: ChangeMessage,
): void {
  if (rows.has(key) === (operation === 'insert')) faults.push(`${operation} of ${key} does not fit`);
  if (operation === 'delete') rows.delete(key);
  else rows.set(key, { ...rows.get(key), ...value });
}
