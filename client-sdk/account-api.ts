/** What an account is made of: a password of at least 10 characters, and a name of at most 80. */
export interface ClaimInput {
  readonly email: string;
  readonly password: string;
  readonly displayName: string;
}

/** What is said again before a person is forgotten. */
export interface EraseInput {
  /** Of who has an account. */
  readonly password?: string;
}

/** What a device asks the server about its person, and about what is not in the replica. All of it needs a network. */
export interface HaloAccount {
  /**
   * Makes an account of who has begun without one (`auth: { anonymous: true }`): reports, queue and replica stay, on this
   * device too, where `auth: { email }` opens them from then on. `auth: { anonymous: true }` does so as well until the
   * person logs out. Where the answer was lost it may be asked for again.
   *
   * Throws `invalid_request` naming the `field`, `email_taken`, `registration_closed`, `password_guessable`, `account_exists` (he has another one already),
   * `email_in_use_here`, `unreachable`, `part_not_loaded`.
   */
  claim(account: ClaimInput): Promise<void>;
  /**
   * Has the person forgotten: all sessions end at once, and within minutes the server has deleted what it keeps of him, or
   * made it nobody's. Then logs this device out, with all that waits in its queue.
   *
   * Throws `password_wrong` where there is an account and this is not its password, `last_operator`, `unreachable`,
   * `part_not_loaded`: then nothing has changed here. And what `logout` throws.
   */
  erase(confirmation?: EraseInput): Promise<void>;
  /**
   * Asks a route of the server in the session's name, for what no shape has: all that is kept of the person
   * (`/api/v1/auth/me/export`), votes on comments, statistics. The routes are in the server's `/openapi.json`.
   *
   * @param path begins with one slash.
   * @returns the answer's JSON; undefined where it is empty.
   *
   * Throws the server's own `code` and `field` where it refuses, `unreachable` without a network, `login_required`,
   * `invalid_options`, `part_not_loaded`.
   */
  request(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<unknown>;
}
