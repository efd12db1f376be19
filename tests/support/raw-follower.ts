import { ShapeStream, isChangeMessage } from '@electric-sql/client';
import type { ChangeMessage, FetchError, Message, Row, ShapeStreamOptions } from '@electric-sql/client';
import { onTestFinished } from 'vitest';
import { UPSTREAM_SECRET } from './upstream.ts';

type Values = Row<unknown>;

/** What Electric's own client has received of the raw endpoint, and how it asked. */
export interface RawFollower {
  readonly stream: ShapeStream<Values>;
  /** Changes in the order of their arrival. */
  readonly changes: readonly ChangeMessage<Values>[];
  /** The rows that they leave, by key; updates are merged in. */
  readonly rows: ReadonlyMap<string, Values>;
  /** The requests so far, and the types of their answers; empty where none has come. */
  readonly asked: readonly { readonly query: URLSearchParams; readonly type: string }[];
  /** `up-to-date` and `must-refetch` messages so far. */
  count(control: 'up-to-date' | 'must-refetch'): number;
  errors(): readonly FetchError[];
  /** Ends it; it ends with the test otherwise. */
  stop(): void;
}

/** Follows a table with `ShapeStream`. */
export function followRaw(
  url: string,
  params: Record<string, string | string[]>,
  options: Partial<ShapeStreamOptions<unknown>> = {},
): RawFollower {
  const changes: ChangeMessage<Values>[] = [];
  const rows = new Map<string, Values>();
  const asked: { readonly query: URLSearchParams; type: string }[] = [];
  const controls: string[] = [];
  const errors: FetchError[] = [];
  const stopping = new AbortController();
  onTestFinished(() => stopping.abort());
  const { fetchClient = fetch, ...others } = options;
  const stream = new ShapeStream<Values>({
    url: `${url}/v1/shape`,
    signal: stopping.signal,
    backoffOptions: { initialDelay: 20, maxDelay: 200, multiplier: 1.5, maxRetries: Infinity },
    ...others,
    params: { secret: UPSTREAM_SECRET, ...params },
    async fetchClient(input, init) {
      const { searchParams: query } = new URL(input instanceof Request ? input.url : input);
      const one = { query, type: '' };
      asked.push(one);
      const response = await fetchClient(input, init);
      one.type = response.headers.get('content-type') ?? '';
      return response;
    },
    onError: (error) => void errors.push(error as FetchError),
  });
  stream.subscribe(
    (messages) => {
      for (const message of messages) take(message);
    },
    () => {},
  );
  function take(message: Message<Values>): void {
    if (!isChangeMessage(message)) {
      const { control } = message.headers;
      if (typeof control === 'string') controls.push(control);
      if (control === 'must-refetch') rows.clear();
      return;
    }
    changes.push(message);
    if (message.headers.operation === 'delete') rows.delete(message.key);
    else rows.set(message.key, { ...rows.get(message.key), ...message.value });
  }
  return {
    stream,
    changes,
    rows,
    asked,
    count: (control) => controls.filter((each) => each === control).length,
    errors: () => errors,
    stop: () => stopping.abort(),
  };
}
