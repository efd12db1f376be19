import type { Mutation } from '@halo/shapes/protocol/mutation-batch.ts';
import { judgeClaim } from './clock-claim.ts';
import type { ClockClaim } from './clock-claim.ts';
import { MutationRejection } from './mutation-handler.ts';
import type { MutationHandler } from './mutation-handler.ts';
import { requestHash } from './request-hash.ts';
import { storableText } from '../platform/storable-text.ts';
import { storableJson } from './storable-json.ts';

/** The handler of each mutation type. */
export type Handlers = ReadonlyMap<string, MutationHandler>;

/** A mutation with all that can be known of it before the database is asked. */
export interface PreparedMutation {
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  /** The arguments as they came, fit for jsonb. */
  readonly args: unknown;
  readonly requestHash: Buffer;
  readonly claim: ClockClaim;
  readonly work: Work | MutationRejection;
}

/** What is to be done, with arguments that its handler has checked. */
export interface Work {
  readonly handler: MutationHandler;
  readonly args: unknown;
  readonly locks: readonly bigint[];
}

/** Checks a mutation's type and arguments; one that is at fault carries its rejection instead of work. */
export function prepareMutation(mutation: Mutation, handlers: Handlers, now: Date): PreparedMutation {
  const { value: args, fault } = storableJson(mutation.args);
  return {
    seq: mutation.seq,
    id: mutation.id,
    type: storableText(mutation.type),
    args,
    requestHash: requestHash(mutation, args),
    claim: judgeClaim(mutation.createdAt, now),
    work:
      fault === undefined
        ? workOf(mutation.type, args, handlers)
        : new MutationRejection('invalid_args', fault.reason, fault.path === '' ? undefined : fault.path),
  };
}

function workOf(type: string, args: unknown, handlers: Handlers): Work | MutationRejection {
  const handler = handlers.get(type);
  if (handler === undefined)
    return new MutationRejection('unknown_type', 'This server knows no mutation of this type.');
  const checked = handler.schema.safeParse(args);
  if (checked.success) return { handler, args: checked.data, locks: handler.locks(checked.data) };
  const issue = checked.error.issues[0];
  const field = issue?.path.map(String).join('.');
  return new MutationRejection(
    'invalid_args',
    issue?.message ?? 'The arguments are not valid.',
    field === '' ? undefined : field,
  );
}
