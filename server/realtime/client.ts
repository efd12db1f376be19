import type { RealtimeClientMessage } from '@halo/shapes/protocol/realtime.ts';
import { formatOffset, parseOffset } from '@halo/shapes/protocol/offset.ts';
import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import type { Caller } from '../auth/identity.ts';
import { HaloError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { SocketAccess } from './access.ts';
import type { AccessParts } from './access.ts';
import { catchUp } from './catch-up.ts';
import type { CatchUpParts } from './catch-up.ts';
import { binaryMessage, MessageRate, parseClientMessage } from './client-messages.ts';
import type { PredictionDigest } from './prediction-digest.ts';
import type { LogPlace } from './shape-log.ts';
import type { Subscription } from './subscription.ts';
import { Subscriptions } from './subscriptions.ts';
import type { SubscriptionIndex } from './subscription-index.ts';
import type { Wire } from './wire.ts';

/** Messages that one socket may send in ten seconds. */
const MAX_MESSAGES = 100;
const MESSAGES_WITHIN_MS = 10_000;

export interface ClientParts extends AccessParts, CatchUpParts {
  readonly index: SubscriptionIndex<Client>;
  readonly isArea: (code: string) => boolean;
  /** Code of the county that an area lies in. */
  readonly countyOf: (area: string) => string | undefined;
  readonly logger: Logger;
}

interface CatchUpTask {
  readonly behind: readonly Subscription<Client>[];
  readonly place: LogPlace;
}

/** One socket's side of the protocol: takes its messages one after the other, and tells it of changes. */
export class Client {
  readonly #parts: ClientParts;
  readonly #wire: Wire;
  readonly #access: SocketAccess;
  readonly #subscriptions: Subscriptions<Client>;
  readonly #rate = new MessageRate(MAX_MESSAGES, MESSAGES_WITHIN_MS);
  readonly #ended = new AbortController();
  readonly #tasks: CatchUpTask[] = [];
  #messages: Promise<void> = Promise.resolve();
  #catchingUp: Promise<void> | undefined;

  constructor(parts: ClientParts, wire: Wire) {
    this.#parts = parts;
    this.#wire = wire;
    this.#access = new SocketAccess(parts, wire);
    this.#subscriptions = new Subscriptions<Client>(this, parts.index);
  }

  get access(): SocketAccess {
    return this.#access;
  }

  /** Lets in whose token came with the request. */
  admit(caller: Caller): void {
    try {
      this.#access.admit(caller);
      this.#wire.send({ type: 'ready' });
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** Takes a message; `undefined` for one that is no text. */
  take(text: string | undefined): void {
    if (!this.#rate.take()) {
      this.#wire.close('tooMany', 'too many messages');
      return;
    }
    this.#messages = this.#messages.then(async () => {
      if (this.#wire.closing) return;
      try {
        if (text === undefined) throw binaryMessage();
        await this.#handle(parseClientMessage(text));
      } catch (error) {
        this.#refuse(error);
      }
    });
  }

  /** Tells a change that was not told yet. */
  tell(frame: Buffer, offset: LogOffset): void {
    this.#wire.sendEncoded(frame);
    if (!this.#wire.full) return;
    const place = this.#parts.told();
    const behind = this.#subscriptions.fallBehind(offset);
    if (place !== undefined) this.#catchUp({ behind, place: { ...place, offset } });
  }

  /**
   * Tells that predictions were made anew, if that is news for a subscription. It is told whatever waits in the socket: it is small, and
   * comes once a run.
   */
  tellPredictions(digest: PredictionDigest): void {
    const ids = this.#subscriptions.idsWhere((filter) => digest.concerns(filter, this.#parts.countyOf));
    if (ids.length === 0) return;
    const { computedAt, regions } = digest;
    this.#wire.send({ type: 'predictions', ids, computedAt, regions: Object.fromEntries(regions) });
  }

  /** Says that the server is there, and up to where all was told. */
  heartbeat(withPlace: Buffer, withoutPlace: Buffer): void {
    if (this.#wire.full) return;
    this.#wire.sendEncoded(this.#catchingUp === undefined ? withPlace : withoutPlace);
  }

  /** To be called when the socket is closed; resolves when nothing of it is under way. */
  async end(): Promise<void> {
    this.#ended.abort();
    this.#access.end();
    this.#subscriptions.removeAll();
    await this.#messages;
    await this.#catchingUp;
  }

  async #handle(message: RealtimeClientMessage): Promise<void> {
    if (message.type === 'auth') {
      await this.#access.take(message.token);
      this.#wire.send({ type: 'ready' });
      return;
    }
    if (!this.#access.isKnown) {
      throw new HaloError('token_missing', 'An access token is needed first.', {
        status: 401,
        hint: 'Log in.',
      });
    }
    switch (message.type) {
      case 'subscribe':
        return this.#subscribe(message);
      case 'unsubscribe':
        return this.#subscriptions.remove(message.ids);
      case 'ping':
        return this.#wire.send({ type: 'pong' });
      case 'pong':
        return;
    }
  }

  #subscribe({ subscriptions, since }: Extract<RealtimeClientMessage, { type: 'subscribe' }>): void {
    const { told, isArea } = this.#parts;
    for (const [i, { area }] of subscriptions.entries()) {
      if (area === undefined || isArea(area)) continue;
      const field = `subscriptions.${i}.area`;
      throw new HaloError('area_not_found', `There is no area ${area}.`, { status: 404, field });
    }
    const live = told();
    if (live === undefined) throw notReady();
    const offset = since === undefined ? live.offset : parseOffset(since.offset);
    if (offset?.kind !== 'log') throw new Error('the schema lets no other offset through');
    const place = { handle: since?.handle ?? live.handle, offset };
    const added = this.#subscriptions.add(subscriptions, offset);
    const ids = added.map(({ filter }) => filter.id);
    this.#wire.send({ type: 'subscribed', ids, handle: place.handle, offset: formatOffset(offset) });
    if (since === undefined) this.#subscriptions.goLive(added, offset);
    else this.#catchUp({ behind: added, place });
  }

  /** One task after the other, so that a socket reads one part of the log at a time. */
  #catchUp(task: CatchUpTask): void {
    this.#tasks.push(task);
    this.#catchingUp ??= this.#runTasks().finally(() => (this.#catchingUp = undefined));
  }

  async #runTasks(): Promise<void> {
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) {
      try {
        const outcome = await catchUp(this.#parts, this.#wire, this.#subscriptions, task, this.#ended.signal);
        if (outcome === 'must_refetch' || outcome === 'out_of_bounds') this.#lose(task.behind, outcome);
      } catch (error) {
        // Nothing is lost: the client comes back to where it was.
        this.#parts.logger.error({ err: error, component: 'realtime' }, 'a socket could not catch up');
        this.#wire.close('tryLater', 'try again later');
      }
    }
  }

  #lose(behind: readonly Subscription<Client>[], outcome: 'must_refetch' | 'out_of_bounds'): void {
    const ids = this.#subscriptions.present(behind).map(({ filter }) => filter.id);
    this.#subscriptions.remove(ids);
    if (ids.length === 0) return;
    const hint = 'Fetch the incidents, and subscribe without since.';
    const lost =
      outcome === 'must_refetch'
        ? { code: 'offset_trimmed', message: 'The log does not reach back to this place.' }
        : { code: 'offset_unknown', message: 'This place lies beyond everything that was committed.' };
    this.#wire.send({ type: 'error', ...lost, hint, ids });
  }

  #refuse(error: unknown): void {
    const known = error instanceof HaloError ? error : internal();
    if (known !== error) this.#parts.logger.error({ err: error, component: 'realtime' }, known.message);
    const { code, message, hint, field, status } = known;
    this.#wire.send({
      type: 'error',
      code,
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(field === undefined ? {} : { field }),
    });
    if (status === 401) this.#wire.close('unauthenticated', code);
    else if (this.#access.isKnown && status !== 503) return;
    else if (status === 403) this.#wire.close('forbidden', code);
    else if (status === 429) this.#wire.close('tooMany', code);
    else if (status >= 500) this.#wire.close('tryLater', code);
  }
}

/** The log of incidents cannot be read yet. */
export function notReady(): HaloError {
  return new HaloError('replication_behind', 'Incidents cannot be followed yet.', {
    status: 503,
    hint: 'Try again soon.',
  });
}

function internal(): HaloError {
  return new HaloError('internal', 'Something went wrong on the server.', { status: 500 });
}
