import type { Mutation } from '@halo/shapes/protocol/mutation-batch.ts';
import { RawDevice } from './mutations-client.ts';
import { StrictShapeReader, UnexpectedStatus } from './shape-client.ts';

/** Answers that say "not now": the same again later. */
const LATER = new Set([429, 502, 503, 504]);
const BREATH_MS = { least: 100, spread: 400 };
/** A device that has been sent away so often in a row is not served at all. */
const MAX_TRIES = 300;

/**
 * A device without a Postgres of its own: it follows shapes as a strict reader does and keeps what it reports in a queue,
 * of which it sends the same again until that is settled. What the server must not do to it fails it.
 */
export class WireDevice {
  readonly readers: readonly StrictShapeReader[];
  /** Ids of what it has reported, in their order. */
  readonly reported: string[] = [];
  /** Requests that brought no whole answer, and those that were sent away, by status. */
  readonly hindered = new Map<string, number>();
  readonly #url: string;
  readonly #outbox: RawDevice;
  readonly #stop = new AbortController();

  constructor(
    url: string,
    token: string,
    shapes: readonly { readonly path: string; readonly query?: Readonly<Record<string, string>> }[],
  ) {
    this.#url = url;
    this.#outbox = new RawDevice(token);
    const session = crypto.randomUUID();
    this.readers = shapes.map(
      ({ path, query }) => new StrictShapeReader(url, path, { ...query, session }, `Bearer ${token}`),
    );
  }

  /** Follows all its shapes until it is stopped; rejects at the first thing that must not be. */
  async follow(): Promise<void> {
    await Promise.all(
      this.readers.map(async (reader) => {
        let isUpToDate = false;
        while (!this.#stop.signal.aborted)
          isUpToDate =
            (await this.#insist(() => reader.step(isUpToDate, this.#stop.signal), this.#stop.signal)) ??
            isUpToDate;
      }),
    );
  }

  /** Reports `count` things in one batch, and resolves when all are settled. */
  async report(count: number, text: string, spot: () => { lat: number; lon: number }): Promise<void> {
    const batch: Mutation[] = Array.from({ length: count }, (_, n) =>
      this.#outbox.report(`${text} ${n}`, spot()),
    );
    this.reported.push(...batch.map(({ id }) => id));
    let left: readonly Mutation[] = batch;
    while (left.length > 0) {
      const settled = await this.#insist(async () => {
        const { status, body } = await this.#outbox.post(this.#url, left).catch((error: unknown) => {
          // The balancer's own words, for an instance that has gone.
          if (error instanceof SyntaxError) throw new UnexpectedStatus(502, { path: '/v1/mutations' });
          throw error;
        });
        if (status !== 200) throw new UnexpectedStatus(status, { path: '/v1/mutations' });
        return body.results;
      });
      for (const { id, status, code } of settled ?? [])
        if (status !== 'applied') throw new Error(`report ${id} was ${status}: ${code ?? ''}`);
      left = left.slice(settled?.length ?? 0);
    }
  }

  /** Cuts what is waiting. */
  stop(): void {
    this.#stop.abort();
  }

  /** Tries until it is served; undefined where `signal` ends that. */
  async #insist<T>(attempt: () => Promise<T>, signal?: AbortSignal): Promise<T | undefined> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (signal?.aborted === true) return undefined;
        const kind = kindOf(error);
        if (kind === undefined) throw error;
        this.hindered.set(kind, (this.hindered.get(kind) ?? 0) + 1);
        const breathMs = BREATH_MS.least + Math.random() * BREATH_MS.spread;
        await new Promise((resolve) => setTimeout(resolve, breathMs));
      }
    }
    throw new Error(`not served ${MAX_TRIES} times in a row: ${JSON.stringify([...this.hindered])}`);
  }
}

/** What kept a request from being answered; undefined where it is a fault. */
function kindOf(error: unknown): string | undefined {
  if (error instanceof UnexpectedStatus) return LATER.has(error.status) ? String(error.status) : undefined;
  // A connection that broke, or a body that ended too early, which fetch gives a cause; nothing of it was applied.
  return error instanceof TypeError && error.cause !== undefined ? 'cut' : undefined;
}
