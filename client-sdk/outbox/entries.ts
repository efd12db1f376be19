import { REPORT_CREATE, reportCreateSchema } from '@halo/shapes/mutations/report-create.ts';
import { uuidv7 } from 'uuidv7';
import type { OutboxEntry } from '../api.ts';
import { HaloClientError } from '../errors.ts';
import { MAX_MUTATION_BYTES, byteLength } from './batch.ts';
import type { StoredMutation } from './outbox-store.ts';

/**
 * Checks a mutation's arguments before they are queued, with the schema that the server will apply. Throws
 * `invalid_report` naming the field.
 */
export function checkMutation(type: string, args: unknown): unknown {
  if (type !== REPORT_CREATE) return args;
  const parsed = reportCreateSchema.safeParse(args);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  throw new HaloClientError('invalid_report', `${field}: ${issue?.message ?? 'not valid'}`, { field });
}

/** A mutation with a fresh id, to be queued. Throws `invalid_report` when it is too large to be sent. */
export function newMutation(type: string, args: unknown, now: number): Omit<StoredMutation, 'seq'> {
  const mutation = { id: uuidv7(), type, createdAt: new Date(now).toISOString(), args };
  if (byteLength(mutation) > MAX_MUTATION_BYTES) {
    const message = `description: the report is larger than ${MAX_MUTATION_BYTES} bytes`;
    throw new HaloClientError('invalid_report', message, { field: 'description' });
  }
  return mutation;
}

/** How the public API shows an entry. */
export function toEntry(mutation: StoredMutation): OutboxEntry {
  const { seq, id, type, createdAt, args, rejection } = mutation;
  const entry = { seq, id, type, createdAt, args };
  return rejection === undefined
    ? { ...entry, state: 'pending' }
    : { ...entry, state: 'rejected', rejection };
}
