import type { Halo } from '@halo/client';
import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { AccountError, AccountRequests, Credentials } from './account-requests.ts';
import type { Preferences } from './preferences.ts';
import { forecastCounties } from './shapes-to-keep.ts';
import type { KeptCounties } from './shapes-to-keep.ts';

/** Opens a device for an account, or without one; without `password` its stored session goes on. */
export type OpenDevice = (options: {
  readonly email: string | undefined;
  readonly password: string | undefined;
  readonly counties: KeptCounties;
  readonly role: Role;
}) => Promise<Halo>;

/** Where the app stands with the device. */
export type SessionState =
  /** Nobody is logged in on this device. */
  | { readonly at: 'out' }
  | { readonly at: 'opening' }
  | {
      readonly at: 'open';
      /** Undefined for who uses the app without an account. */
      readonly email: string | undefined;
      readonly halo: Halo;
      /** County in view; undefined until one is chosen. */
      readonly region: string | undefined;
      /** Counties whose forecasts are kept. */
      readonly forecasts: readonly string[];
      /** The account's role when it last logged in. */
      readonly role: Role;
    }
  /** The stores could not be opened. */
  | {
      readonly at: 'failed';
      readonly email: string | undefined;
      readonly code: string;
      readonly message: string;
    };

export interface SessionParts {
  readonly open: OpenDevice;
  readonly requests: AccountRequests;
  readonly preferences: Preferences;
}

/**
 * Who is logged in, and the open device. One device is open at a time: the next one opens when the last has
 * closed, whatever is asked meanwhile.
 */
export class DeviceSession {
  readonly #parts: SessionParts;
  readonly #listeners = new Set<() => void>();
  #state: SessionState = { at: 'out' };
  #turn: Promise<unknown> = Promise.resolve();
  /** Only in memory, for as long as the client may need it to log in by itself. */
  #password: string | undefined;
  /** Counties of the watched places; in memory, too, for browsers that store nothing. */
  #watched: readonly string[] | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  readonly state = (): SessionState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Opens the device of who used the app last, without any network. */
  async start(): Promise<void> {
    const { preferences } = this.#parts;
    if (isInUse(preferences)) await this.#reopen(preferences.email());
  }

  /** Begins without an account; needs no network. */
  async begin(): Promise<void> {
    this.#parts.preferences.setAnonymous();
    await this.#reopen(undefined);
  }

  /** Makes an account of who has begun without one, with all that he has here; resolves with what is wrong, if anything. */
  async claim(account: Credentials & { readonly displayName: string }): Promise<AccountError | undefined> {
    const open = this.#mustBeOpen();
    try {
      await open.halo.claim(account);
    } catch (error) {
      const {
        code = 'unknown',
        field,
        message,
      } = error as { code?: string; field?: string; message?: string };
      return { code, field, detail: message };
    }
    const email = account.email.trim().toLowerCase();
    this.#parts.preferences.setEmail(email);
    this.#password = account.password;
    if (this.#state === open) this.#become({ ...open, email });
    return undefined;
  }

  /** Has the server forget the person, and this device with it. Rejects where the server does not. */
  async erase(password: string | undefined): Promise<void> {
    const { halo } = this.#mustBeOpen();
    try {
      await halo.erase(password === undefined ? {} : { password });
    } catch (error) {
      if ((error as { code?: string }).code !== 'replica_not_removed') throw error;
    }
    this.leave();
  }

  /** Makes an account and logs in to it; resolves with what is wrong, if anything. */
  async register(account: Credentials & { readonly displayName: string }): Promise<AccountError | undefined> {
    const error = await this.#parts.requests.register(account);
    return error ?? this.logIn(account);
  }

  /** Logs in and opens the device; resolves with what is wrong, if anything. */
  async logIn({ email, password }: Credentials): Promise<AccountError | undefined> {
    const checked = await this.#parts.requests.check({ email, password });
    if ('code' in checked) return checked;
    const { preferences } = this.#parts;
    if (preferences.email() !== email) {
      this.#watched = undefined;
      preferences.clear();
    }
    preferences.setEmail(email);
    preferences.setRole(checked.role);
    this.#password = password;
    await this.#reopen(email);
    return undefined;
  }

  /** Follows another county; the device is opened anew, since its shapes are chosen at opening. */
  async chooseRegion(code: string): Promise<void> {
    const { email } = this.#mustBeOpen();
    this.#parts.preferences.chooseRegion(code);
    await this.#reopen(email);
  }

  /** Remembers in which counties places are watched: their forecasts are kept from the next opening on. */
  rememberWatched(codes: readonly string[]): void {
    if (this.#watched?.join() === codes.join()) return;
    this.#watched = codes;
    this.#parts.preferences.setWatched(codes);
  }

  /** Opens the device anew if it does not keep the forecasts of all counties in which places are watched. */
  async fetchWatched(): Promise<void> {
    const lacksSome = () => {
      const state = this.#state;
      return state.at === 'open' && this.#watched?.some((code) => !state.forecasts.includes(code)) === true;
    };
    if (this.#state.at === 'open') await this.#reopen(this.#state.email, lacksSome);
  }

  /** Ends the session and removes the account's data; `discard` accepts that unsent reports are lost. */
  async logOut(options: { readonly unsent?: 'discard' }): Promise<void> {
    const { halo } = this.#mustBeOpen();
    try {
      await halo.logout(options);
    } catch (error) {
      if ((error as { code?: string }).code === 'unsent_mutations') throw error;
      // Anything else leaves a client that is closed, or that nobody can rely on: there is nothing to go back to.
      await halo.close().catch(() => {});
    }
    this.leave();
  }

  /** Leaves the account, whether or not its device could be opened. */
  leave(): void {
    this.#password = undefined;
    this.#watched = undefined;
    this.#parts.preferences.clear();
    this.#become({ at: 'out' });
  }

  /**
   * Another tab has logged out: this one shows nothing of the account any more, nor logs in to it by itself. Or it has made
   * an account of who had none.
   */
  async changedElsewhere(): Promise<void> {
    const { preferences } = this.#parts;
    if (!isInUse(preferences)) return this.#leftElsewhere();
    const [state, email] = [this.#state, preferences.email()];
    if (state.at === 'open' && state.email === undefined && email !== undefined)
      this.#become({ ...state, email });
  }

  #leftElsewhere(): Promise<void> {
    const turn = this.#turn.then(async () => {
      const before = this.#state;
      this.#password = undefined;
      this.#watched = undefined;
      this.#become({ at: 'out' });
      if (before.at === 'open') await before.halo.close();
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Tries again to open a device that could not be opened. */
  async retry(): Promise<void> {
    if (this.#state.at === 'failed') await this.#reopen(this.#state.email);
  }

  #mustBeOpen(): SessionState & { at: 'open' } {
    if (this.#state.at !== 'open') throw new Error('no device is open');
    return this.#state;
  }

  /** Opens the device anew when its turn has come, if that `isNeeded` then. */
  #reopen(email: string | undefined, isNeeded = () => true): Promise<void> {
    const turn = this.#turn.then(async () => {
      if (!isNeeded()) return;
      const before = this.#state;
      this.#become({ at: 'opening' });
      if (before.at === 'open') await before.halo.close();
      const { preferences } = this.#parts;
      const role = preferences.role();
      const counties = {
        regions: preferences.regions(),
        watched: this.#watched ?? preferences.watched(),
      };
      try {
        const halo = await this.#parts.open({ email, password: this.#password, counties, role });
        const [region, forecasts] = [counties.regions[0], forecastCounties(counties)];
        this.#become({ at: 'open', email, halo, region, forecasts, role });
      } catch (error) {
        const code = (error as { code?: string }).code ?? 'unknown';
        const message = error instanceof Error ? error.message : String(error);
        this.#become({ at: 'failed', email, code, message });
      }
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  #become(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** Whether somebody uses the app on this device. */
function isInUse(preferences: Preferences): boolean {
  return preferences.email() !== undefined || preferences.isAnonymous();
}
