import type { Mutation, MutationBatch, MutationResult } from '@halo/shapes/protocol/mutation-batch.ts';

/** What becomes of one exchange. */
export type Answer =
  /** Settled and answered. */
  | { readonly kind: 'ok' }
  /** Settled, and the answer never came. */
  | { readonly kind: 'lost' }
  /** Settled, and half of the answer came. */
  | { readonly kind: 'half' }
  /** The server got it twice, and answered the second. */
  | { readonly kind: 'twice' }
  /** The server failed on the one after the first `settled`. */
  | { readonly kind: 'partial'; readonly settled: number }
  /** It never reached the server. */
  | { readonly kind: 'down' }
  | { readonly kind: 'status'; readonly status: 401 | 413 | 429 | 503 }
  /** The page of a captive portal. */
  | { readonly kind: 'portal' };

/** Mutations whose text begins so are rejected, and so is what builds upon one that was. */
export const BAD = 'bad';

interface Settled {
  readonly result: MutationResult;
  readonly contents: string;
}

/** The server's side of the protocol as the design has it, in memory; each exchange takes the next answer. */
export class OutboxServer {
  /** Ids in the order of their effect. */
  readonly effects: string[] = [];
  /** Ids of mutations that came before what they build upon. */
  readonly early: string[] = [];
  readonly answers: Answer[] = [];
  readonly #byId = new Map<string, Settled>();
  readonly #ledgers = new Map<string, string[]>();

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** One exchange; with no answer left the network is down. */
  fetch(body: string): Response {
    const batch = JSON.parse(body) as MutationBatch;
    const answer = this.answers.shift() ?? { kind: 'down' };
    switch (answer.kind) {
      case 'down':
        throw new TypeError('fetch failed');
      case 'status':
        return problem(answer.status, `http_${answer.status}`);
      case 'portal':
        return new Response('<html>Welcome</html>');
      case 'ok':
        return this.#settle(batch, Infinity);
      case 'twice':
        this.#settle(batch, Infinity);
        return this.#settle(batch, Infinity);
      case 'partial':
        return this.#settle(batch, answer.settled);
      case 'lost':
        this.#settle(batch, Infinity);
        throw new TypeError('fetch failed');
      case 'half':
        return half(this.#settle(batch, Infinity));
    }
  }

  #settle({ deviceId, mutations }: MutationBatch, most: number): Response {
    const ledger = this.#ledgers.get(deviceId) ?? [];
    this.#ledgers.set(deviceId, ledger);
    const results: MutationResult[] = [];
    for (const mutation of mutations) {
      const { seq, id, type, args } = mutation;
      if (results.length >= most) break;
      const contents = JSON.stringify([type, args]);
      const known = this.#byId.get(ledger[seq - 1] ?? id);
      if (seq <= ledger.length && ledger[seq - 1] !== id) return problem(422, 'mutation_changed');
      if (seq > ledger.length + 1) return problem(409, 'seq_gap', { expectedSeq: ledger.length + 1 });
      if (seq === ledger.length + 1) ledger.push(id);
      if (known !== undefined) {
        if (known.contents !== contents) return problem(422, 'mutation_changed');
        results.push({ ...known.result, seq, replayed: true });
        continue;
      }
      results.push(this.#first(mutation, contents));
    }
    return Response.json({ lastSeq: ledger.length, results });
  }

  #first({ seq, id, args }: Mutation, contents: string): MutationResult {
    const upon = buildsUpon(args).map((other) => this.#byId.get(other)?.result);
    if (upon.includes(undefined)) this.early.push(id);
    const { changes, description = changes?.description ?? '' } = args as ReportArgs;
    const code = upon.some((result) => result?.status === 'rejected')
      ? 'depends_on_rejected'
      : description.startsWith(BAD) && 'bad';
    const verdict = code
      ? ({ status: 'rejected', code, message: '401: it is bad' } as const)
      : ({ status: 'applied' } as const);
    const result: MutationResult = {
      seq,
      id,
      replayed: false,
      txid: String(100 + this.#byId.size),
      ...verdict,
    };
    this.#byId.set(id, { result, contents });
    this.effects.push(id);
    return result;
  }
}

interface ReportArgs {
  readonly description?: string;
  readonly changes?: { readonly description?: string };
  readonly reportId?: string;
  readonly after?: string;
}

/** The ids of the mutations that these arguments name. */
export function buildsUpon(args: unknown): string[] {
  const { reportId, after } = args as ReportArgs;
  return [reportId, after].filter((id) => id !== undefined);
}

function half(whole: Response): Response {
  const text = new ReadableStream<Uint8Array>({
    async start(controller) {
      const bytes = new Uint8Array(await whole.arrayBuffer());
      controller.enqueue(bytes.subarray(0, bytes.length >> 1));
      controller.error(new TypeError('terminated'));
    },
  });
  return new Response(text, { status: whole.status });
}

function problem(status: number, code: string, extra: Record<string, unknown> = {}): Response {
  const headers: Record<string, string> = status === 503 ? { 'retry-after': '7' } : {};
  return Response.json({ type: 'about:blank', title: code, status, code, ...extra }, { status, headers });
}
