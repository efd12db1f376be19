import { FetchError, Shape, ShapeStream, isChangeMessage } from '@electric-sql/client';
import type { ChangeMessage, Message, ShapeStreamInterface, ShapeStreamOptions } from '@electric-sql/client';
import { onTestFinished } from 'vitest';

/** What Electric's own client, unchanged, has received of a shape; fails on a doubled or a lost row. */
export interface ElectricFollower {
  /** The column's values in the rows that the client has been told of, sorted. */
  values(column: string): unknown[];
  /** The same in the rows that Electric's own `Shape` keeps. */
  kept(column: string): unknown[];
  /** What it must never see: a doubled insert, a change of a row it was never sent, a refetch, an error. */
  readonly faults: readonly string[];
  readonly handles: ReadonlySet<string>;
  /** Types of the answers that it got. */
  readonly contentTypes: ReadonlySet<string>;
}

/** Follows a shape (`incidents?region=01`) with `ShapeStream` and `Shape` until the test ends. */
export function followWithElectric(
  url: string,
  path: string,
  authorization: string,
  { liveSse = false }: { readonly liveSse?: boolean } = {},
): ElectricFollower {
  return followStream({ url: `${url}/v1/shapes/${path}`, headers: { authorization }, liveSse });
}

/** Follows any shape of which the stream's options tell. */
export function followStream(
  options: Partial<ShapeStreamOptions> & { readonly url: string },
): ElectricFollower {
  const rows = new Map<string, Record<string, unknown>>();
  const faults: string[] = [];
  const handles = new Set<string>();
  const contentTypes = new Set<string>();
  const stopping = new AbortController();
  onTestFinished(() => stopping.abort());
  const stream = new ShapeStream({
    ...options,
    signal: stopping.signal,
    async fetchClient(...asked) {
      const response = await fetch(...asked);
      contentTypes.add(response.headers.get('content-type') ?? '');
      return response;
    },
    backoffOptions: { initialDelay: 20, maxDelay: 200, multiplier: 1.5, maxRetries: Infinity },
    onError(error) {
      // An answer that was cut within its body ends the stream unless this says to go on.
      if (error instanceof FetchError && error.status === 200) return {};
      faults.push(String(error));
      return undefined;
    },
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
  // The library's own types do not agree with each other under exactOptionalPropertyTypes.
  const shape = new Shape(stream as ShapeStreamInterface);
  return {
    values: (column) => [...rows.values()].map((row) => row[column]).toSorted(),
    kept: (column) => shape.currentRows.map((row) => row[column]).toSorted(),
    faults,
    handles,
    contentTypes,
  };
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
