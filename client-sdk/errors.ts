/**
 * An error of the client. Decide on `code`, never on the text:
 *
 * | code | meaning, and what to do |
 * |---|---|
 * | `invalid_report` | the report breaks the rule named in the message; `field` says where |
 * | `invalid_mutation` | the same of a comment, a watched place or a decision about an incident |
 * | `invalid_options` | an option of `openHalo` is wrong; the message names it |
 * | `unknown_shape` | the catalogue has no such shape, or not with these parameters |
 * | `store_in_use` | another process holds the store; close it first |
 * | `store_damaged` | the outbox cannot be read; nothing was changed in it |
 * | `account_unknown` | `getToken` failed and the store has never seen an account; try again with a network |
 * | `replica_unavailable` | the replica could not be opened, or does not answer; reporting and delivery still work |
 * | `replica_interrupted` | the tab that ran the replica has gone in the middle of it; ask again |
 * | `replica_crashed` | Postgres on the device has crashed, of too little memory or a full disk; it is opened again, and given up when that happens too often |
 * | `unsent_mutations` | logging out would lose reports that are pending or rejected; pass `{ unsent: 'discard' }` to accept that |
 * | `replica_not_removed` | the session has ended; the replica is removed before it is next opened |
 * | `store_full` | the device has no room left, not in the replica's place either; what was queued was not kept, all earlier ones were. Free some, and try again |
 * | `replica_gave_room` | only in the status: the replica was deleted, so that the queue has its room; it is built anew when the client is opened next |
 * | `store_failed` | the store cannot be written (a damaged file, a broken disk); what was queued was not kept |
 * | `insecure_context` | the page was not served over HTTPS or from localhost |
 * | `not_rejected` | only a rejected entry can be sent again or dropped |
 * | `no_answer` | the tab that streams the shapes has not compared them in time; ask again |
 * | `part_not_loaded` | a file of the app is not to be had: no network and not in its offline cache, or gone with a new version; load the page again |
 * | `unreachable` | the server could not be asked, or did not answer; try again with a network |
 * | `email_in_use_here` | reports wait on this device under this e-mail address; log in with it, or take another |
 * | `position_denied` | the person, or the browser, does not tell where the device is |
 * | `position_unavailable` | the device does not know where it is; more may come |
 * | `invalid_position` | a position source gave no degrees; the position was left out |
 * | `invalid_place` | a row of `PlacesAtRisk` breaks the rule named in the message; `field` is the column |
 * | `query_failed` | the query of `PlacesAtRisk` failed; the message is Postgres's |
 * | `closed` | the client has been closed |
 *
 * What the server refuses (`claim`, `erase`, `request`) keeps the server's code.
 */
export class HaloClientError extends Error {
  readonly code: string;
  readonly field: string | undefined;

  constructor(code: string, message: string, options: { field?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HaloClientError';
    this.code = code;
    this.field = options.field;
  }
}

/** The text of anything that can be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether the tab that ran the replica has gone in the middle of something, which may be asked again. */
export function isInterrupted(error: unknown): boolean {
  return error instanceof HaloClientError && error.code === 'replica_interrupted';
}
