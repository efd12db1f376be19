import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import type { Caller, IdentifyCaller, OpenSessions } from '../auth/identity.ts';
import type { Clock } from '../platform/clock.ts';
import { HaloError } from '../platform/errors.ts';
import type { SocketLimits } from './socket-limits.ts';
import type { Wire } from './wire.ts';

export interface AccessParts {
  /** Whose readers may follow. */
  readonly definition: ShapeDefinition;
  readonly identify: IdentifyCaller;
  readonly openSessions: OpenSessions;
  readonly clock: Clock;
  readonly limits: SocketLimits;
}

/** Throws 403 where a role may not follow incidents: whoever may read the shape may. */
export function permit({ readers }: ShapeDefinition, { role }: Caller): void {
  if (readers.includes(role)) return;
  throw new HaloError('forbidden', 'Your role may not read incidents.', { status: 403 });
}

/** Who a socket belongs to; it is closed when that does not hold any more. */
export class SocketAccess {
  readonly #parts: AccessParts;
  readonly #wire: Wire;
  readonly #openedAt = performance.now();
  #caller: Caller | undefined;
  #unwatch = (): void => {};
  #leave: (() => void) | undefined;

  constructor(parts: AccessParts, wire: Wire) {
    this.#parts = parts;
    this.#wire = wire;
  }

  get isKnown(): boolean {
    return this.#caller !== undefined;
  }

  /** Takes a token: the first, or a new one of the same account. */
  async take(token: string): Promise<void> {
    this.admit(await this.#parts.identify.byToken(token));
  }

  /** Takes a caller whose token was checked. Fails where he may not follow, has too many sockets, or is another. */
  admit(caller: Caller): void {
    const { definition, openSessions, limits } = this.#parts;
    if (this.#wire.closing) return;
    permit(definition, caller);
    if (this.#caller !== undefined && this.#caller.userId !== caller.userId) {
      const hint = 'Open another socket for the other account.';
      throw new HaloError('other_account', 'The token is another account’s.', { status: 403, hint });
    }
    this.#leave ??= limits.identify(caller.userId);
    this.#unwatch();
    this.#caller = caller;
    this.#unwatch = openSessions.watch(caller, (now) => this.#changed(now));
  }

  /** Closes the socket when its time without a token, or with this one, is over. */
  look(authWithinMs: number): void {
    if (this.#caller === undefined) {
      if (performance.now() - this.#openedAt > authWithinMs) {
        this.#wire.close('authTimeout', 'no token has come');
      }
    } else if (this.#caller.expiresAt <= this.#parts.clock.now()) {
      this.#wire.close('unauthenticated', 'token_expired');
    }
  }

  /** To be called when the socket is closed. */
  end(): void {
    this.#unwatch();
    this.#leave?.();
  }

  #changed(now: Caller | HaloError): void {
    if (now instanceof HaloError) {
      this.#wire.close('unauthenticated', now.code);
      return;
    }
    try {
      permit(this.#parts.definition, now);
    } catch {
      this.#wire.close('forbidden', 'forbidden');
    }
  }
}
