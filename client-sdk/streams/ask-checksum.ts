import { checksumSchema } from '@halo/shapes/protocol/checksum.ts';
import type { Checksum } from '@halo/shapes/protocol/checksum.ts';
import type { ShapeSubscription, StatusError } from '../api.ts';
import { parseJson, problemOf } from '../sync/http.ts';
import type { AuthorizedOutcome } from '../sync/session.ts';

/** What the device has, and at which position. */
export interface OwnChecksum {
  readonly checksum: Checksum;
  readonly handle: string;
  readonly offset: string;
}

/** What came of asking the server. */
export type ChecksumOutcome =
  | { readonly kind: 'told'; readonly checksum: Checksum }
  | { readonly kind: 'not_told'; readonly error: StatusError };

/** Where the server tells what a shape was at a position; it hears there what the device has, and counts it. */
export function checksumUrl(server: string, shape: ShapeSubscription, own: OwnChecksum): string {
  const url = new URL(`/v1/shapes/${encodeURIComponent(shape.name)}/checksum`, server);
  for (const [name, value] of Object.entries(shape.params ?? {})) url.searchParams.set(name, value);
  url.searchParams.set('offset', own.offset);
  url.searchParams.set('handle', own.handle);
  url.searchParams.set('rows', String(own.checksum.rows));
  url.searchParams.set('digest', own.checksum.digest);
  return url.href;
}

/** Reads the answer; why there is none to compare with where it tells no checksum. */
export function readChecksumAnswer(outcome: AuthorizedOutcome): ChecksumOutcome {
  switch (outcome.kind) {
    case 'aborted':
      return notTold('closed', 'The client has been closed.');
    case 'unreachable':
    case 'unavailable':
      return notTold('unreachable', outcome.message);
    case 'refused':
      return { kind: 'not_told', error: outcome.error };
    case 'answered':
      break;
  }
  const { status, text } = outcome;
  if (status === 409)
    return notTold('position_unknown', 'The server does not know the position; it is read anew.');
  if (status !== 200) {
    const { code, message } = problemOf(status, text);
    return notTold(code, message);
  }
  const parsed = checksumSchema.safeParse(parseJson(text));
  if (!parsed.success)
    return notTold('not_a_checksum', 'The answer is no checksum; a stranger may have given it.');
  return { kind: 'told', checksum: parsed.data };
}

function notTold(code: string, message: string): ChecksumOutcome {
  return { kind: 'not_told', error: { code, message } };
}
