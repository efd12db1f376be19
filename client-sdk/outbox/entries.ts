import { MUTATION_SCHEMAS } from '@halo/shapes/mutations/mutation-schemas.ts';
import { REPORT_AMEND } from '@halo/shapes/mutations/report-amend.ts';
import type { OutboxEntry } from '../api.ts';
import { HaloClientError } from '../errors.ts';
import { MAX_MUTATION_BYTES, byteLength } from './batch.ts';
import { ids } from './new-id.ts';
import type { StoredMutation } from './outbox-store.ts';

/**
 * Checks a mutation's arguments before they are queued, with the schema that the server will apply. Throws
 * `invalid_report` or `invalid_mutation` naming the field. A type of another version of the app passes unchecked.
 */
export function checkMutation(type: string, args: unknown): unknown {
  const parsed = MUTATION_SCHEMAS.get(type)?.safeParse(args);
  if (parsed === undefined) return args;
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalidMutation(type, issue?.path.join('.') ?? '', issue?.message ?? 'not valid');
}

/**
 * The error for arguments that break a rule. Callers of `amendReport` name the fields of the report alone, and so
 * does the error.
 */
export function invalidMutation(type: string, path: string, reason: string): HaloClientError {
  const field = type === REPORT_AMEND ? path.replace(/^changes\.?/, '') : path;
  const code = type.startsWith('report.') ? 'invalid_report' : 'invalid_mutation';
  return new HaloClientError(code, field === '' ? reason : `${field}: ${reason}`, { field });
}

/** A mutation with a fresh id, to be queued. Throws as `checkMutation` does when it is too large to be sent. */
export function newMutation(type: string, args: unknown, now: number): Omit<StoredMutation, 'seq'> {
  const mutation = { id: ids.next(now), type, createdAt: new Date(now).toISOString(), args };
  if (byteLength(mutation) <= MAX_MUTATION_BYTES) return mutation;
  throw invalidMutation(type, '', `Its arguments are larger than ${MAX_MUTATION_BYTES} bytes.`);
}

/** How the public API shows an entry. */
export function toEntry(mutation: StoredMutation): OutboxEntry {
  const { seq, id, type, createdAt, args, rejection } = mutation;
  const entry = { seq, id, type, createdAt, args };
  return rejection === undefined
    ? { ...entry, state: 'pending' }
    : { ...entry, state: 'rejected', rejection };
}
