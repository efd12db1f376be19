import type { IncomingHttpHeaders } from 'node:http';

/** A server of Electric's protocol that answers for named shapes in the place of the own engine. */
export interface ShapeUpstream {
  /**
   * Asks once, and resolves with the head of the answer. Rejects with the signal's reason, with `shutting_down`, with
   * `busy` (too many at once) or with `upstream_unavailable` (503: it cannot be reached, or says nothing in time).
   */
  ask(request: UpstreamRequest): Promise<UpstreamAnswer>;
  /** Resolves when it serves shapes; rejects with the reason when it does not. */
  check(): Promise<void>;
  /** Requests under way. */
  readonly open: number;
  /** Aborts with `shutting_down` when waits are to end. */
  readonly stopping: AbortSignal;
  /** Ends every wait for an answer, and asks no more; bodies on their way are left to end. */
  endWaits(): void;
  /** Cuts what is still open. */
  close(): void;
}

export interface UpstreamRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  /** Without the secret, which the upstream adds. */
  readonly query: readonly (readonly [string, string])[];
  readonly ifNoneMatch: string | undefined;
  /** A JSON body; null for none. */
  readonly body: string | null;
  readonly signal: AbortSignal;
}

export interface UpstreamAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body as it comes, taken no faster than it is asked for; it fails with `upstream_unavailable` when it stops. */
  pieces(): AsyncIterable<Uint8Array>;
  /** Gives up what has not been read. To be called when nothing more of it is wanted. */
  release(): void;
}
