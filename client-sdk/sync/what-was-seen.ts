import { INCIDENT_TRANSITION } from '@halo/shapes/mutations/incident-transition.ts';
import type { IncidentTransitionInput } from '@halo/shapes/mutations/incident-transition.ts';
import { REPORT_AMEND } from '@halo/shapes/mutations/report-amend.ts';
import type { ReportAmendInput } from '@halo/shapes/mutations/report-amend.ts';
import { REPORT_CREATE } from '@halo/shapes/mutations/report-create.ts';
import { z } from 'zod';
import type { QueryRow } from '../api.ts';
import { HaloClientError } from '../errors.ts';
import { invalidMutation } from '../outbox/entries.ts';
import type { OutboxStore } from '../outbox/outbox-store.ts';
import { allPending } from '../outbox/pages.ts';
import type { Environment } from './environment.ts';
import type { ReplicaHandle } from './replica-handle.ts';

/** Longest that the replica is waited for, in milliseconds: it may be slow to open, or never do so. */
const SEEN_LIMIT_MS = 20_000;

/** Where the device looks for what its user has before him. */
export interface Sights {
  readonly outbox: Pick<OutboxStore, 'pending'>;
  readonly replica: Pick<ReplicaHandle, 'query'>;
  readonly sleep: Environment['sleep'];
}

/** Whether mutations of this type say what their author had before him. */
export function saysWhatWasSeen(type: string): boolean {
  return type === REPORT_AMEND || type === INCIDENT_TRANSITION;
}

/**
 * The arguments with what their author had before him, where they do not say: for an amend the report's version, or
 * the pending mutation that it comes after; for a transition the incident's state. Throws `invalid_report` or
 * `invalid_mutation` when this device does not know it, and `replica_unavailable` when the replica cannot be asked.
 */
export async function withWhatWasSeen(type: string, args: unknown, sights: Sights): Promise<unknown> {
  switch (type) {
    case REPORT_AMEND:
      return amendOf(args as ReportAmendInput, sights);
    case INCIDENT_TRANSITION:
      return transitionOf(args as IncidentTransitionInput, sights);
    default:
      return args;
  }
}

async function amendOf(args: ReportAmendInput, sights: Sights): Promise<unknown> {
  const { version, after, reportId } = args;
  if (version !== undefined || after !== undefined || !isId(reportId)) return args;
  const before = await lastInQueue(sights.outbox, reportId.toLowerCase());
  return { ...args, ...(before === undefined ? await seenInReplica(sights, reportId) : { after: before }) };
}

/** The last mutation in the queue that makes or amends the report. */
async function lastInQueue(outbox: Sights['outbox'], reportId: string): Promise<string | undefined> {
  const pending = await allPending(outbox);
  return pending.findLast(({ id, type, args }) => {
    if (type === REPORT_CREATE) return id === reportId;
    return type === REPORT_AMEND && (args as ReportAmendInput).reportId === reportId;
  })?.id;
}

/** One that is settled and whose effect the stream has not brought yet comes before what is synced. */
async function seenInReplica(sights: Sights, reportId: string) {
  const [seen] = await ask<{ after: string | null; version: number | null }>(
    sights,
    `SELECT (SELECT p.id::text FROM local.pending p
             WHERE p.shape = 'my_reports' AND p.subject = $1 AND p.type = ANY ($2)
             ORDER BY p.seq DESC LIMIT 1) AS after,
            (SELECT r.version FROM my_reports r WHERE r.id = $1) AS version`,
    [reportId, [REPORT_CREATE, REPORT_AMEND]],
  );
  if (seen?.after != null) return { after: seen.after };
  if (seen?.version != null) return { version: seen.version };
  const reason = 'this device knows no such report of yours; name the version that you saw';
  throw invalidMutation(REPORT_AMEND, 'version', reason);
}

async function transitionOf(args: IncidentTransitionInput, sights: Sights): Promise<unknown> {
  const { from, to, incidentId } = args;
  if (from !== undefined || !isId(incidentId)) return args;
  const [seen] = await ask<{ status: string; verification: string }>(
    sights,
    'SELECT status, verification FROM incidents WHERE id = $1 LIMIT 1',
    [incidentId],
  );
  const state = to === 'open' || to === 'closed' ? seen?.status : seen?.verification;
  if (state !== undefined && state !== 'merged') return { ...args, from: state };
  const reason =
    state === undefined
      ? 'this device knows no such incident; name the state that you saw'
      : 'the incident has been merged into another; decide about that one';
  throw invalidMutation(INCIDENT_TRANSITION, 'from', reason);
}

/** Those who come after wait for this one, and must not wait for ever. */
async function ask<Row extends QueryRow>(
  { replica, sleep }: Sights,
  sql: string,
  params: readonly unknown[],
): Promise<Row[]> {
  const done = new AbortController();
  const late = sleep(SEEN_LIMIT_MS, done.signal).then((): never => {
    const message = `The replica has not answered within ${SEEN_LIMIT_MS / 1000} s; name what you saw.`;
    throw new HaloClientError('replica_unavailable', message);
  });
  try {
    return await Promise.race([replica.query<Row>(sql, params), late]);
  } finally {
    done.abort();
  }
}

const isId = (value: unknown): value is string => z.uuid().safeParse(value).success;
