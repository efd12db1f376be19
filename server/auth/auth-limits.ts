import type { ClientAddress } from '../platform/client-address.ts';
import type { RateLimit } from '../platform/rate-limit.ts';

/** How often the routes of accounts may be asked. */
export interface AuthLimits {
  readonly addressOf: ClientAddress;
  /** By address: whatever sends a password or a token. */
  readonly requests: RateLimit;
  /** By `loginKey`: whatever a password was tried for since the last that went well. */
  readonly logins: RateLimit;
  /** By address: people who are made without an account. */
  readonly people: RateLimit;
  /** By address: accounts that are made with an e-mail address, whether that is free or not. */
  readonly registrations: RateLimit;
  /** By address: answers that an e-mail address has an account already. */
  readonly takenEmails: RateLimit;
  /** By account: passwords that are changed; each leaves an entry in the audit log for good. */
  readonly passwordChanges: RateLimit;
}
