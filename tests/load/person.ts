import type { Tokens } from '@halo/shapes/protocol/auth.ts';
import { Broken } from './connection.ts';
import type { Answer, Connection } from './connection.ts';
import type { Tally } from './step.ts';
import { wait } from './wait.ts';

/** Tokens are exchanged before they run out, as devices do. */
const EXCHANGE_AT = 0.8;
/** Who is told to come later, and not when. */
const LATER_S = 2;

/** Somebody without an account, who asks through a connection; each request is counted. */
export class Person {
  readonly #connection: Connection;
  readonly #tally: () => Tally;
  #tokens: Tokens | undefined;
  #exchangeAt = 0;
  /** Two shapes that find the token old exchange it once. */
  #entering: Promise<string | undefined> | undefined;

  constructor(connection: Connection, tally: () => Tally) {
    this.#connection = connection;
    this.#tally = tally;
  }

  /** Asks with a token; what brings no answer of 200 is counted, waited for where that was asked for, and undefined. */
  async ask(
    method: 'GET' | 'POST',
    path: string,
    signal: AbortSignal,
    body?: unknown,
  ): Promise<Answer | undefined> {
    const token = await this.enter(signal);
    if (token === undefined) return undefined;
    const answer = await this.#send(method, path, signal, token, body);
    if (answer?.status === 401) this.#exchangeAt = 0;
    return answer?.status === 200 || answer?.status === 409 ? answer : undefined;
  }

  /** Gets tokens, or new ones where those are old; undefined where it is given none now. */
  enter(signal: AbortSignal): Promise<string | undefined> {
    if (this.#tokens !== undefined && performance.now() < this.#exchangeAt)
      return Promise.resolve(this.#tokens.accessToken);
    this.#entering ??= this.#exchange(signal).finally(() => (this.#entering = undefined));
    return this.#entering;
  }

  async #exchange(signal: AbortSignal): Promise<string | undefined> {
    const former = this.#tokens;
    const answer = await (former === undefined
      ? this.#send('POST', '/api/v1/auth/anonymous', signal, undefined, {})
      : this.#send('POST', '/api/v1/auth/refresh', signal, undefined, { refreshToken: former.refreshToken }));
    if (answer === undefined || answer.status >= 300) return undefined;
    this.#tokens = JSON.parse(answer.text) as Tokens;
    this.#exchangeAt = performance.now() + EXCHANGE_AT * this.#tokens.expiresIn * 1_000;
    return this.#tokens.accessToken;
  }

  async #send(
    method: 'GET' | 'POST',
    path: string,
    signal: AbortSignal,
    token: string | undefined,
    body?: unknown,
  ): Promise<Answer | undefined> {
    try {
      const answer = await this.#connection.ask(method, path, token, body);
      const tally = this.#tally();
      tally.requests += 1;
      if (answer.status === 429 || (answer.status === 503 && answer.headers['retry-after'] !== undefined)) {
        tally.sentAway += 1;
        await wait(Number(answer.headers['retry-after'] ?? LATER_S) * 1_000, signal);
      } else if (answer.status >= 300) {
        tally.fail(String(answer.status));
        // A 409 is gone on with from its answer; all else is tried again after a while.
        if (answer.status !== 409) await wait(LATER_S * 1_000, signal);
      }
      return answer;
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      if (signal.aborted) return undefined;
      this.#tally().requests += 1;
      this.#tally().fail(error.kind);
      await wait(LATER_S * 1_000, signal);
      return undefined;
    }
  }
}
